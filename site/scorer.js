// Sphinx's own scores, but what has the words of the search in its title comes first.
var Scorer = {
  score: ([, title, , , score]) => {
    const sought = new URLSearchParams(location.search).get('q') || '';
    return score + (title.toLowerCase().includes(sought.trim().toLowerCase()) ? 50 : 0);
  },
  objNameMatch: 11, objPartialMatch: 6, objPrio: {0: 15, 1: 5, 2: -5}, objPrioDefault: 0,
  title: 15, partialTitle: 7, term: 5, partialTerm: 2,
};
