// The Python heap of the wasm port, read from outside: what lives in it at any moment.
//
// The port itself collects only between top-level calls, since C's locals are out of its
// sight. Its frames of bytecode, though, lie in a "pystack" in memory, and nearly all else
// that keeps an object alive in its state: marking from there, as py/gc.c
// does, needs nobody's help. The C stack itself is left out: what is only there is at
// most an argument, and much of it is what earlier calls have left. Nothing is swept: what
// was allocated stays to be seen.

const BLOCK = 16; // bytes
const FREE = 0, HEAD = 1, TAIL = 2;
const STATIC = 65536; // the C stack is below, the state from here on
const POOL_HEAD = 24; // bytes of a pool of names before its names
// Classes whose fourth word leads to text, numbers or bytecode; and those that are such a thing.
const RAW = ["str", "bytes", "bytearray", "memoryview", "array", "int", "function", "generator"];
const OPAQUE = ["sha256"];
export const FIRST_POOL = 10; // names: py/qstr.c doubles it for the first pool in memory

export class Memory {
  // `exports` are the wasm module's, `frames` the words of its pystack.
  constructor(exports, frames) {
    this.exports = exports;
    this.frames = frames;
    this.marked = []; // when last looked at
    this.apart = []; // classes that stand in for what is no object on the chip
    this.constants = new Map(); // words of the state that only look like pointers, by their places
    this._findHeap();
    this._findFrames();
  }

  words() {
    return new Uint32Array(this.exports.memory.buffer);
  }

  // To be called before kind(), blocks() and begins(), after the port has run: its memory may have grown.
  view() {
    this.octets = new Uint8Array(this.exports.memory.buffer);
  }

  // The heap is one area: {table, bytes of table, [table of finalisers, [since 1.28 of weak
  // references]], pool, its end, where to
  // look for a free block, the last block that was ever used}.
  _findHeap() {
    const w = this.words();
    for (let i = STATIC / 4; i < w.length; i++) {
      const [table, length] = [w[i], w[i + 1]];
      if (length < 1 << 20 || table < STATIC || table > w.length * 4) continue;
      for (const j of [i + 2, i + 3, i + 4]) {
        if (w[j] > table && w[j] % BLOCK === 0 && w[j + 1] - w[j] === length * 4 * BLOCK) {
          [this.table, this.pool, this.end] = [table, w[j], w[j + 1]];
          this.marks = new Uint8Array(length * 4);
          this.topAt = j + 3;
          return;
        }
      }
    }
    throw new Error("the heap is nowhere to be seen");
  }

  // The pystack is {start, end, where it is in use up to}.
  _findFrames() {
    const w = this.words();
    for (let i = STATIC / 4; i < this.table / 4; i++) {
      if (w[i + 1] - w[i] === this.frames * 4 && w[i] <= w[i + 2] && w[i + 2] <= w[i + 1]) {
        this.framesAt = i;
        return;
      }
    }
    throw new Error("the frames are nowhere to be seen");
  }

  kind(block) {
    const byte = this.octets[this.table + (block >> 2)];
    return (byte >> (2 * (block & 3))) & 3;
  }

  // How many blocks the piece that begins at `block` has.
  blocks(block) {
    let count = 1;
    while (this.kind(block + count) === TAIL) count++;
    return count;
  }

  begins(block) {
    return this.kind(block) === HEAD;
  }

  // The last block that was ever used.
  top() {
    return this.words()[this.topAt];
  }

  framesInUse() {
    const w = this.words();
    return w[this.framesAt + 2] - w[this.framesAt];
  }

  blockOf(word) {
    if (word < this.pool || word >= this.end || word % BLOCK) return -1;
    return (word - this.pool) / BLOCK;
  }

  address(block) {
    return this.pool + block * BLOCK;
  }

  // Return all living pieces: Map of block to {blocks, by, at}: who keeps it, by which word.
  //
  // What is `raw`, a Set of blocks, is not searched: see raw().
  alive(raw = new Set()) {
    this.view();
    const w = (this.w = this.words());
    for (const block of this.marked) this.marks[block] = 0;
    const found = new Map();
    const todo = (this.marked = []);
    const look = (from, to, by) => {
      for (let i = from >> 2; i < to >> 2; i++) {
        const block = this.blockOf(w[i]);
        if (block < 0 || this.marks[block] || this.kind(block) !== HEAD) continue;
        if (by === null && this.constants.get(i) === w[i]) continue;
        this.marks[block] = 1;
        found.set(block, { blocks: this.blocks(block), by, at: i });
        todo.push(block);
      }
    };
    const frames = w[this.framesAt], used = w[this.framesAt + 2], top = w[this.framesAt + 1];
    look(STATIC, frames, null);
    look(frames, used, null);
    look(top, this.table, null);
    for (const block of todo) {
      if (raw.has(block)) continue;
      const start = this.address(block);
      look(start, start + found.get(block).blocks * BLOCK, block);
    }
    return found;
  }

  // Return those that hold text, numbers or bytecode of the pieces that begin at `blocks`, and of what
  // these lead to. Here, where the heap lies low and nothing of it is used again, some words of them
  // look like pointers, and would keep what nobody has. `types` are the names of classes by their
  // address.
  raw(blocks, types) {
    const w = this.words(), found = new Set();
    for (const block of blocks) {
      const at = this.address(block) >> 2, type = types.get(w[at]);
      if (RAW.includes(type)) found.add(this.blockOf(w[at + 3]));
      if (OPAQUE.includes(type)) found.add(block);
    }
    return found;
  }

  // Call each(block, blocks) for all pieces that were ever allocated and not freed by name.
  each(each) {
    this.view();
    const last = this.marks.length;
    let free = 0;
    for (let block = 0; block < last && free < 65536; block++) {
      const kind = this.kind(block);
      if (kind === HEAD) {
        const blocks = this.blocks(block);
        each(block, blocks);
        block += blocks - 1;
        free = 0;
      } else if (kind === FREE) free++;
    }
  }

  // Pools of names: {previous, names before, room, names, hashes, lengths, names …}.
  isPool(block, blocks) {
    const at = this.address(block) >> 2, w = this.w;
    const room = w[at + 2], count = w[at + 3];
    const hashes = this.address(block) + POOL_HEAD + 4 * room;
    return (
      room >= 20 && count <= room && w[at + 4] === hashes && w[at + 5] === hashes + 2 * room &&
      blocks * BLOCK >= POOL_HEAD + 7 * room
    );
  }

  // Where (in words) the newest pool is of those that hold names.
  newestPool(alive) {
    let newest = this.first;
    for (const [block, piece] of alive) {
      const at = this.address(block) >> 2;
      if (this.isPool(block, piece.blocks) && (!newest || this.w[at + 1] > this.w[newest + 1])) {
        newest = at;
      }
    }
    return newest;
  }

  // What points now to where nothing has ever been is no pointer, but a text or a number of the
  // port's: it would keep whatever comes to lie there, which on a chip, with its small heap, does
  // not happen.
  noteConstants() {
    const w = this.words(), top = this.top();
    for (let i = STATIC >> 2; i < this.table >> 2; i++) {
      if (this.blockOf(w[i]) > top) this.constants.set(i, w[i]);
    }
  }

  // Have the next new name begin a first pool, as at a board's bare prompt.
  beginNames() {
    this.first = this.newestPool(this.alive());
    this.w[this.first + 2] = FIRST_POOL;
  }
}
