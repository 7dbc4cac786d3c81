// A port of MicroPython's memory without a port: the state, frames and heap that Memory looks for,
// as py/mpstate.h lays them out, in a memory that the checks fill by hand.

import { Memory } from "../../../bench/heap32/memory.mjs";

const STATE = 0x10000, FRAMES = 0x80000, TABLE = 0x100000, POOL = 0x400000; // addresses
const OCTETS = 1 << 20; // of the table: two bits a block
const HEAP = OCTETS * 4 * 16; // bytes
const DEPTH = 16; // words of frames
const ROOTS = STATE + 0x400; // where the state has its pointers
const HEAD = 1, TAIL = 2;

export class SmallPort {
  constructor() {
    this.exports = { memory: { buffer: new ArrayBuffer(POOL + HEAP) } };
    this.words = new Uint32Array(this.exports.memory.buffer);
    this.octets = new Uint8Array(this.exports.memory.buffer);
    this._write(STATE + 0x40, [TABLE, OCTETS, 0, POOL, POOL + HEAP, 0, 0]);
    this._write(STATE + 0x100, [FRAMES, FRAMES + 4 * DEPTH, FRAMES]);
    this.memory = new Memory(this.exports, DEPTH);
  }

  _write(address, words) {
    this.words.set(words, address / 4);
  }

  address(block) {
    return POOL + 16 * block;
  }

  // Have a piece begin at a block, with these words in it.
  allocate(block, ...words) {
    const count = Math.max(1, Math.ceil(words.length / 4));
    for (let at = block; at < block + count; at++) {
      this.octets[TABLE + (at >> 2)] |= (at === block ? HEAD : TAIL) << (2 * (at & 3));
    }
    this._write(this.address(block), words);
    const top = STATE + 0x40 + 24;
    this._write(top, [Math.max(this.words[top / 4], block + count - 1)]);
  }

  // Set a word of the state.
  root(number, word) {
    this._write(ROOTS + 4 * number, [word]);
  }
}
