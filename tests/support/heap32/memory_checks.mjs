// node memory_checks.mjs: what memory.mjs takes to be alive, and what recording.mjs makes of it.

import assert from "assert";

import { Recording } from "../../../bench/heap32/recording.mjs";
import { SmallPort } from "./small_port.mjs";

const BYTES = 0x20000, ARRAY = 0x20010, LIST = 0x20020, HASH = 0x20030; // addresses of classes
const TYPES = new Map([[BYTES, "bytes"], [ARRAY, "array"], [LIST, "list"], [HASH, "sha256"]]);

const blocks = (port) => {
  const first = port.memory.alive();
  return [...port.memory.alive(port.memory.raw(first.keys(), TYPES)).keys()].sort((a, b) => a - b);
};

// An object of a class at block 10, whose fourth word leads to data at block 11; that looks as if it
// had a pointer to block 12.
function holding(port, type) {
  port.allocate(10, type, 0, 4, port.address(11));
  port.allocate(11, 7, port.address(12), 7, 7);
  port.allocate(12, 1, 1, 1, 1);
  port.root(0, port.address(10));
}

const checks = {
  "what the state leads to is alive, and nothing else"(port) {
    port.allocate(1, port.address(3));
    port.allocate(2, port.address(1));
    port.allocate(3, 1, 2, 3, 4, 5);
    port.root(0, port.address(1));
    assert.deepEqual(blocks(port), [1, 3]);
    assert.equal(port.memory.alive().get(3).blocks, 2);
  },
  "a constant that looked like a pointer before anything was there keeps nothing"(port) {
    port.allocate(1, 0);
    port.root(0, port.address(50));
    port.root(1, port.address(1));
    port.memory.noteConstants();
    port.allocate(50, 0);
    assert.deepEqual(blocks(port), [1]);
    port.root(2, port.address(50)); // a real pointer to it
    assert.deepEqual(blocks(port), [1, 50]);
  },
  "where a constant was, something else is a pointer again"(port) {
    port.root(0, port.address(50));
    port.memory.noteConstants();
    port.allocate(51, 0);
    port.root(0, port.address(51));
    assert.deepEqual(blocks(port), [51]);
  },
  "what text or numbers look like is no pointer"(port) {
    for (const type of [BYTES, ARRAY]) {
      holding(port, type);
      assert.deepEqual(blocks(port), [10, 11]);
    }
  },
  "nor is what the state of a hash looks like"(port) {
    port.allocate(10, HASH, port.address(12));
    port.allocate(12, 0);
    port.root(0, port.address(10));
    assert.deepEqual(blocks(port), [10]);
  },
  "the data of other objects is searched"(port) {
    holding(port, LIST);
    assert.deepEqual(blocks(port), [10, 11, 12]);
  },
  "text is no pointer, whatever else leads to it"(port) {
    holding(port, BYTES);
    port.root(1, port.address(10));
    port.root(0, port.address(11)); // found before its owner
    assert.deepEqual(blocks(port), [10, 11]);
  },
  "in a recording it keeps nothing either"(port) {
    const recording = new Recording(port.memory, TYPES);
    holding(port, ARRAY);
    recording.note("m", "then");
    assert.deepEqual(recording.take(), [["a", 0, 1], ["a", 1, 1], ["g", 1], ["m", "then"]]);
    port.root(0, 0);
    recording.look();
    assert.deepEqual(recording.take().sort(), [["d", 0], ["d", 1]]);
  },
};

for (const [name, check] of Object.entries(checks)) {
  try {
    check(new SmallPort());
  } catch (error) {
    console.log(`${name}: ${error.message}`);
    process.exitCode = 1;
  }
}
