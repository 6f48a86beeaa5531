// A picture as a PNG file that says of itself what it is, as every file that facegen saves.
'use strict';

facegen.png = (() => {
  const table = Uint32Array.from({length: 256}, (_, n) => {
    for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
    return n;
  });
  const check = bytes => ~bytes.reduce((crc, byte) => table[(crc ^ byte) & 255] ^ (crc >>> 8), -1) >>> 0;
  const ascii = text => Uint8Array.from(text, letter => letter.charCodeAt(0));
  const joined = parts => new Uint8Array(parts.flatMap(part => [...part]));

  function chunk(type, data) {
    const body = joined([ascii(type), data]), made = new Uint8Array(body.length + 8), view = new DataView(made.buffer);
    view.setUint32(0, data.length);
    made.set(body, 4);
    view.setUint32(body.length + 4, check(body));
    return made;
  }

  async function deflated(bytes) {
    const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate'));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  // Bytes of a file, with two texts (ASCII) in its metadata.
  return async ({width, height, pixels}, description, software) => {
    const head = new DataView(new ArrayBuffer(13));
    head.setUint32(0, width);
    head.setUint32(4, height);
    head.setUint16(8, 0x0802);  // eight bits, red green blue
    const rows = new Uint8Array(height * (1 + 3 * width));  // each begins with a 0: no filter
    for (let y = 0, to = 0; y < height; y++) {
      to++;
      for (let x = 0; x < width; x++)
        for (let c = 0; c < 3; c++) rows[to++] = pixels[4 * (y * width + x) + c];
    }
    const texts = [['Description', description], ['Software', software]];
    return joined([
      Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10),
      chunk('IHDR', new Uint8Array(head.buffer)),
      ...texts.map(([key, text]) => chunk('tEXt', ascii(`${key}\0${text}`))),
      chunk('IDAT', await deflated(rows)),
      chunk('IEND', new Uint8Array(0)),
    ]);
  };
})();
