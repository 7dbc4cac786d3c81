// What a piece of the heap is: by the attributes and indexes that lead to it.

const QSTR = 2, QSTR_BITS = 7; // a word that is a name: its number, three bits further left
const DEPTH = 8;

// Names by their numbers, from the pools that MicroPython keeps: the newest one, and back.
export class Names {
  constructor(memory, alive) {
    this.memory = memory;
    this.pools = [];
    for (let at = memory.newestPool(alive); at; at = memory.words()[at] >> 2) {
      const w = memory.words();
      this.pools.push({ first: w[at + 1] & 0x7fffffff, count: w[at + 3], lengths: w[at + 5], at: at + 6 });
    }
  }

  // The name that a word of an object says, or "".
  of(word) {
    return (word & QSTR_BITS) === QSTR ? this.numbered(word >>> 3) : "";
  }

  numbered(number) {
    const pool = this.pools.find((each) => number >= each.first);
    if (pool === undefined || number - pool.first >= pool.count) return "";
    const index = number - pool.first;
    const octets = new Uint8Array(this.memory.exports.memory.buffer);
    const start = this.memory.words()[pool.at + index];
    return new TextDecoder().decode(octets.subarray(start, start + octets[pool.lengths + index]));
  }
}

// "Panel.buffer" or the like: the names on the way from the roots to a piece.
export function path(memory, alive, names, types, block) {
  const w = memory.words();
  const steps = [];
  for (let depth = 0; block !== null && depth < DEPTH; depth++) {
    const piece = alive.get(block);
    const type = typeOf(memory, names, types, w[memory.address(block) >> 2]);
    const name = piece.by === null ? "" : names.of(w[piece.at - 1]);
    const step = [name, type].filter(Boolean).join(" ");
    if (step) steps.unshift(step);
    block = piece.by;
  }
  return steps.join(" / ");
}

// "<dict>" or "(Class)": a class of Python's has its name behind its first word and its flags.
function typeOf(memory, names, types, address) {
  if (memory.blockOf(address) < 0) return types.has(address) ? `<${types.get(address)}>` : "";
  const w = memory.words();
  const name = types.get(w[address >> 2]) === "type" && names.numbered(w[(address >> 2) + 1] >>> 16);
  return name ? `(${name})` : "";
}
