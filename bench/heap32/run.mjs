// node run.mjs PORT FOLDER [recorded]: a token's firmware in the wasm port of MicroPython, whose module
// lies in the folder PORT. FOLDER has `firmware`, `shims` and `stand_ins`; the simulator is at
// the other end of the pipes that TOKENSIM_REQUESTS and TOKENSIM_REPLIES number.

import crypto from "crypto";
import fs from "fs";
import path from "path";
import { pathToFileURL } from "url";

import { Memory } from "./memory.mjs";
import { Names, path as pathOf } from "./pieces.mjs";
import { Pipe } from "./pipe.mjs";
import { Recording } from "./recording.mjs";

const HEAP = 1 << 30; // nothing is swept
const FRAMES = 16384; // words
const LARGE = 1024, BLOCK = 16; // bytes

const [port, folder, recorded] = process.argv.slice(2);
let exports, memory, pipe, recording, start;
const types = new Map();

const instantiate = WebAssembly.instantiate;
WebAssembly.instantiate = async (binary, imports) => {
  imports.env.mp_js_ticks_ms = () => (pipe ? Math.floor(pipe.time() / 1000) | 0 : 0);
  const made = await instantiate(binary, imports);
  exports = made.instance.exports;
  return made;
};

const octets = (address, count) => Buffer.from(new Uint8Array(exports.memory.buffer, address, count));
const put = (address, data) => new Uint8Array(exports.memory.buffer, address, data.length).set(data);

// Bytes of what lives, by what they are; of the pieces that are large, their names.
function measure(wish) {
  const alive = memory.alive(memory.raw(memory.alive().keys(), types));
  const w = memory.words();
  const total = { live: 0, pools: 0, names: 0, apart: 0, pieces: [] };
  for (const [block, piece] of alive) {
    const bytes = piece.blocks * BLOCK;
    total.live += bytes;
    const at = memory.address(block) >> 2;
    if (memory.isPool(block, piece.blocks)) {
      total.pools += bytes;
      total.names += w[at + 3];
    }
    if (memory.apart.includes(w[at])) {
      const members = memory.blockOf(w[at + 3]);
      total.apart += bytes + (alive.has(members) ? alive.get(members).blocks * BLOCK : 0);
    }
  }
  if (wish === "used") return total;
  const names = new Names(memory, alive);
  for (const [block, piece] of alive) {
    const bytes = piece.blocks * BLOCK;
    if (bytes > LARGE && !start.has(block)) {
      const pool = memory.isPool(block, piece.blocks);
      total.pieces.push([bytes, pool ? "names" : pathOf(memory, alive, names, types, block)]);
    }
  }
  total.pieces.sort((one, other) => other[0] - one[0]);
  total.largest = 0;
  memory.each((block, blocks) => {
    if (!start.has(block)) total.largest = Math.max(total.largest, blocks * BLOCK);
  });
  return total;
}

// Bytes that look random, and are the same in each run.
function random(count) {
  const parts = [];
  for (let at = 0; at < count; at += 32) {
    parts.push(crypto.createHash("sha256").update(String(drawn++)).digest());
  }
  return Buffer.concat(parts).subarray(0, count);
}
let drawn = 0;

// Wishes: for what was recorded, up to a moment that has this name; and for the rest of it.
const MOMENT = "moment ", MORE = "more";
const ERASE = "e".charCodeAt(0), RADIO = "N".charCodeAt(0);
let erasing = 0; // the most that was alive when a sector of flash was erased
const hashes = new Map();
let hash = 0;

// What the stand-ins call: see stand_ins/. Only numbers pass, so that nothing of it is kept.
const bridge = {
  ask(operation, address, count) {
    recording?.step();
    if (operation === RADIO) recording?.note("w");
    if (operation === ERASE) erasing = Math.max(erasing, bridge.used());
    return pipe.ask(operation, octets(address, count));
  },
  take(address) {
    put(address, pipe.reply);
  },
  time(address) {
    recording?.step();
    const data = Buffer.alloc(8);
    data.writeBigUInt64LE(BigInt(pipe.time()));
    put(address, data);
  },
  spend: (duration) => pipe.spend(duration),
  has_input: () => pipe.hasInput(),
  unread: () => pipe.unread,
  input(address, count) {
    const data = pipe.input(count);
    put(address, data);
    return data.length;
  },
  random(address, count) {
    put(address, random(count));
  },
  hash(address, count) {
    recording?.step();
    hashes.set(++hash, crypto.createHash("sha1").update(octets(address, count)));
    return hash;
  },
  update(number, address, count) {
    hashes.get(number).update(octets(address, count));
  },
  digest(number, address) {
    put(address, hashes.get(number).digest());
    hashes.delete(number);
  },
  // AES of whole blocks; each piece of a chain is a call of its own, with its own first block.
  aes(key, size, mode, encrypts, first, source, count, target) {
    const name = `aes-${size * 8}-${mode === 2 ? "cbc" : "ecb"}`;
    const iv = mode === 2 ? octets(first, 16) : null;
    const make = encrypts ? crypto.createCipheriv : crypto.createDecipheriv;
    const cipher = make(name, octets(key, size), iv).setAutoPadding(false);
    put(target, Buffer.concat([cipher.update(octets(source, count)), cipher.final()]));
  },
  collect: () => recording?.note("c"),
  threshold: (bytes) => recording?.note("t", bytes),
  type(address, name) {
    types.set(address, name);
  },
  stands_in(address) {
    memory.apart.push(address);
  },
  begin() {
    memory.beginNames();
    memory.noteConstants();
    start = new Set(memory.alive().keys());
    pipe.base = measure("used");
    if (recorded) recording = new Recording(memory, types);
  },
  used: () => {
    const now = measure("used");
    return now.live - now.apart - pipe.base.live;
  },
};

function copy(source, target) {
  for (const each of fs.readdirSync(source, { withFileTypes: true })) {
    const [from, to] = [path.join(source, each.name), `${target}/${each.name}`];
    if (each.isDirectory()) {
      mp.FS.mkdir(to);
      copy(from, to);
    } else mp.FS.writeFile(to, fs.readFileSync(from));
  }
}

const module = pathToFileURL(path.resolve(port, "micropython.mjs"));
const { loadMicroPython } = await import(module);
const requests = Number(process.env.TOKENSIM_REQUESTS);
pipe = new Pipe(requests, Number(process.env.TOKENSIM_REPLIES), (wish) => {
  if (wish.startsWith(MOMENT)) recording.note("m", wish.slice(MOMENT.length));
  else if (wish !== MORE) return Object.assign(measure(wish), { base: pipe.base, erasing });
  return recording.take();
});
const mp = await loadMicroPython({
  heapsize: HEAP,
  pystack: FRAMES,
  stdout: (data) => data.forEach((octet) => pipe.write(octet)),
  linebuffer: false,
});
memory = new Memory(exports, FRAMES);
for (const each of ["shims", "stand_ins"]) {
  mp.FS.mkdir(`/${each}`);
  copy(path.join(folder, each), `/${each}`);
}
copy(path.join(folder, "firmware"), "");
mp.registerJsModule("_bridge", bridge);
try {
  mp.runPython(`import sys
sys.path[:] = ["/stand_ins", "/shims", ".frozen"]
import _board
_board.prepare()`);
  mp.runPython("import gc\ngc.collect()");
  mp.runPython(`import _board\n_board.run(${JSON.stringify(process.env.TOKENSIM_MAIN)})`);
} catch (error) {
  console.error(error.message); // and not the port's source, which is one line
  process.exit(1);
}
pipe.flush();
