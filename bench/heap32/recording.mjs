// What the firmware allocates, in order, and when it lets go of it: for a model of the chip's
// heap, see allocator.py. The port has no hook for that. But nothing of its heap is swept, so that
// what is new lies behind what was there, and a look now and then, while Python waits for a call
// of the bridge, finds all that came and all that no longer lives.
//
// An event is a letter and numbers: "a", piece, blocks: allocated. "r", piece, blocks: made
// larger or smaller. "g", blocks: allocated, and nobody has it any more. "f", piece: freed by name. "d", piece: nobody has it any more. "s", bytes: of
// frames that are in use. "c": the firmware collects. "t", bytes: and will do so after so many.
// "w": it switches the radio on. "m", name: a moment that somebody asks about.

const STEP = 64; // blocks: what is allocated between two looks, where there is a call
const PIECE = 200000; // events that are told at once: a message holds 16 MB

export class Recording {
  constructor(memory, types) {
    [this.memory, this.types] = [memory, types];
    this.top = memory.top();
    this.live = memory.alive(memory.raw(memory.alive().keys(), types));
    this.skipped = new Set(this.live.keys()); // from before the firmware
    this.numbers = new Map(); // of the pieces that live, by their blocks
    this.next = 0;
    this.frames = 0;
    this.events = [];
  }

  // Note what has come and gone, if that is much.
  step() {
    if (this.memory.top() - this.top >= STEP) this.look();
  }

  note(...event) {
    this.look();
    this.events.push(event);
  }

  // Return what happened since the last time, in pieces: the last one is empty.
  take() {
    return this.events.splice(0, PIECE);
  }

  look() {
    const memory = this.memory, before = this.live, top = memory.top();
    const come = this._come(top);
    const raw = memory.raw([...before.keys(), ...come.keys()], this.types);
    const live = memory.alive(raw);
    const frames = memory.framesInUse();
    if (frames !== this.frames) this.events.push(["s", (this.frames = frames)]);
    for (const [block, piece] of before) {
      if (this.skipped.has(block)) continue;
      const now = live.get(block);
      if (now === undefined || now.blocks !== piece.blocks) this._changed(block, now);
    }
    const reused = [...live.keys()].filter((block) => block <= this.top && !before.has(block));
    for (const block of reused.sort((one, other) => one - other)) {
      this.skipped.delete(block);
      this._allocated(block, live.get(block).blocks);
    }
    for (const [block, blocks] of come) {
      if (live.has(block)) this._allocated(block, blocks);
      else this.events.push(["g", blocks]);
    }
    [this.live, this.top] = [live, top];
  }

  // Map of block to blocks of what lies behind all that was there before, up to `top`.
  _come(top) {
    const found = new Map();
    this.memory.view();
    for (let block = this.top + 1; block <= top; block++) {
      if (!this.memory.begins(block)) continue;
      const blocks = this.memory.blocks(block);
      found.set(block, blocks);
      block += blocks - 1;
    }
    return found;
  }

  _allocated(block, blocks) {
    this.numbers.set(block, this.next);
    this.events.push(["a", this.next++, blocks]);
  }

  _changed(block, now) {
    const number = this.numbers.get(block);
    if (now !== undefined) this.events.push(["r", number, now.blocks]);
    else {
      this.events.push([this.memory.begins(block) ? "d" : "f", number]);
      this.numbers.delete(block);
    }
  }
}
