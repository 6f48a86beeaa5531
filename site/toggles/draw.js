// The network: unpacked from the page's own scripts, computed by ONNX Runtime's WebAssembly in one thread.
// `facegen.parts` has base64 of gzipped files, which tools/toggles.py has put there.
'use strict';

facegen.models = {};  // name -> what its panel has to know

facegen.unpack = async name => {
  const bytes = Uint8Array.from(atob(facegen.parts[name]), letter => letter.charCodeAt(0));
  delete facegen.parts[name];
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer());
};

facegen.runtime = async () => {
  const glue = await facegen.unpack('runtime.mjs');
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmBinary = (await facegen.unpack('runtime.wasm')).buffer;
  ort.env.wasm.wasmPaths = {mjs: URL.createObjectURL(new Blob([glue], {type: 'text/javascript'}))};
};

// A function that draws: {input: numbers} to {width, height, pixels: RGBA}.
facegen.network = async model => {
  const graph = await facegen.unpack(model.name);
  const session = await ort.InferenceSession.create(graph, {graphOptimizationLevel: 'all'});
  return async inputs => {
    const feeds = {};
    for (const [name, row] of Object.entries(inputs))
      feeds[name] = new ort.Tensor('float32', Float32Array.from(row), [1, row.length]);
    const {picture} = await session.run(feeds);
    const [, height, width, channels] = picture.dims;
    const pixels = new Uint8ClampedArray(4 * width * height).fill(255);
    for (let i = 0; i < width * height; i++)
      for (let c = 0; c < 3; c++) pixels[4 * i + c] = picture.data[channels * i + (channels === 3 ? c : 0)];
    return {width, height, pixels};
  };
};
