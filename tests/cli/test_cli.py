"""The command line: help, errors, interrupts."""

import shlex
import subprocess
import sys

import pytest

from facegen import cli
from facegen.utils.errors import FacegenError


def leaves(parser, path=()):
    """All commands' parsers, by their words."""
    for action in parser._actions:
        if isinstance(action.choices, dict):
            for name, inner in action.choices.items():
                yield from leaves(inner, (*path, name))
            return
    yield path, parser


def test_help_loads_nothing_heavy():
    code = """if True:
        import sys
        from facegen.cli import main
        try:
            main(["--help"])
        except SystemExit as end:
            assert end.code == 0
        sys.exit(sorted({"numba", "tensorflow", "keras", "numpy", "matplotlib"} & set(sys.modules)) or 0)
    """
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert "facegen data clay-celeba" in run.stdout


def test_every_option_has_a_line_of_help():
    found = dict(leaves(cli.parser()))
    assert {command.name for command in cli.COMMANDS} == {" ".join(path) for path in found}
    for parser in found.values():
        assert parser.description
        assert "examples:" in parser.epilog
        assert all(action.help for action in parser._actions)


@pytest.mark.parametrize("example", [line for c in cli.COMMANDS for line in c.examples.splitlines()])
def test_examples_are_understood(example):
    program, *words = shlex.split(example)
    assert program == "facegen"
    assert cli.parser().parse_args(words).run in {command.run for command in cli.COMMANDS}


def test_defaults_are_the_functions_own():
    options = cli.parser().parse_args(["data", "clay-rafd", "there"])
    assert (options.people, options.angles, options.width) == (57, (0, 45, 90, 135, 180), 681)
    assert (options.gazes, options.children, options.seed, options.workers) == (("frontal",), False, 0, 2)


@pytest.mark.parametrize("words", [[], ["data"], ["nonsense"], ["data", "clay-rafd", "x", "--angles", "a,b"]])
def test_what_isnt_understood_ends_with_2(words, capsys):
    with pytest.raises(SystemExit) as end:
        cli.main(words)
    assert end.value.code == 2
    assert "usage: facegen" in capsys.readouterr().err


def test_an_error_is_one_line(tmp_path, capsys):
    (tmp_path / "other.txt").write_text("")
    assert cli.main(["data", "clay-celeba", str(tmp_path), "--count", "20"]) == 1
    assert cli.main(["data", "clay-celeba", str(tmp_path), "--count", "2"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.split(":")[0] for line in err.splitlines()] == ["facegen", "facegen"]
    assert "not empty" in err


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt, 130), (FacegenError("a\nb"), 1)])
def test_exit_codes(monkeypatch, capsys, error, code):
    def run(options):
        raise error

    command = cli.Command("break", "breaks", lambda parser: None, run)
    monkeypatch.setattr(cli, "COMMANDS", (command,))
    assert cli.main(["break"]) == code
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_it_draws(tmp_path, capsys):
    words = ["data", "clay-rafd", str(tmp_path / "r"), "--people", "1", "--angles", "0,90", "--width", "17"]
    assert cli.main([*words, "--quiet"]) == 0
    assert len(list((tmp_path / "r").glob("Rafd*_01_*.jpg"))) == 16
    assert "facegen" not in capsys.readouterr().err
    assert cli.main([*words, "--seed", "1"]) == 1
    assert "seed = 0, not 1" in capsys.readouterr().err


def test_an_error_of_the_disk_is_told_in_one_line(tmp_path, capsys):
    (tmp_path / "file").touch()
    words = ["data", "clay-rafd", str(tmp_path / "file" / "x"), "--people", "1", "--quiet"]
    assert cli.main(words) == 1
    told = capsys.readouterr().err.splitlines()[-1]
    assert told.startswith("facegen: [Errno") and str(tmp_path / "file") in told
