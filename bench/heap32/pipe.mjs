// The firmware's end of tokensim's request channel, as in host/tokensim/port/shims/_simulator.py:
// each request waits for its reply, in the midst of a call from Python.

import fs from "fs";

const LOOK_US = 5;
const STALE_US = 1000; // after which the port may have got input that nobody has told of
const MOST_US = 1000000; // before the simulator is told
const HEAD = 20; // bytes of a reply before its payload; the last four are not used here
const MEASURE = 254; // in an error's place: no reply, but a wish to know what lives

export class Pipe {
  // `measure(text)` returns what is to be told the driver, who asked with `text`.
  constructor(requests, replies, measure) {
    [this.requests, this.replies, this.measure] = [requests, replies, measure];
    this.now = 0;
    this.granted = this.looks = this.spent = this.unread = 0;
    this.reply = Buffer.alloc(0);
    this.output = [];
  }

  write(octet) {
    this.output.push(octet);
  }

  flush() {
    if (this.output.length) writeAll(1, Buffer.from(this.output));
    this.output = [];
  }

  // Send a request; return how many bytes the reply has, or an errno below zero.
  ask(operation, payload) {
    this.flush();
    this.send(operation, payload);
    for (;;) {
      const head = readAll(this.replies, HEAD);
      const reply = readAll(this.replies, head.readUInt32LE(1));
      if (head[0] === MEASURE) {
        this.send(0, Buffer.from(JSON.stringify(this.measure(reply.toString()))));
        continue;
      }
      [this.granted, this.unread] = [head[5], head[6]];
      this.now = Number(head.readBigUInt64LE(7));
      this.reply = reply;
      return head[0] ? -head[0] : this.reply.length;
    }
  }

  send(operation, payload) {
    const head = Buffer.alloc(8);
    head[0] = operation;
    head.writeUIntLE(payload.length, 1, 3);
    head.writeUInt32LE(this.spent, 4);
    this.looks = this.spent = 0;
    writeAll(this.requests, Buffer.concat([head, payload]));
  }

  // The time in microseconds.
  time() {
    if (this.look()) return this.now + this.spent;
    this.ask("t".charCodeAt(0), Buffer.alloc(0));
    return this.now;
  }

  hasInput() {
    return this.unread > 0 && this.look();
  }

  // Take one of the looks that are left; return whether there was one.
  look() {
    if (this.looks >= this.granted) return false;
    this.looks++;
    this.spent += LOOK_US;
    return true;
  }

  // Let so many microseconds pass.
  spend(duration) {
    this.spent += duration;
    if (this.spent >= STALE_US) this.granted = 0;
    if (this.spent >= MOST_US) this.ask("t".charCodeAt(0), Buffer.alloc(0));
  }

  // Up to `count` bytes of input, of those that wait.
  input(count) {
    const data = readAll(0, Math.min(count, this.unread));
    this.unread -= data.length;
    return data;
  }
}

function readAll(fd, count) {
  const data = Buffer.alloc(count);
  for (let at = 0; at < count; ) {
    const got = fs.readSync(fd, data, at, count - at, null);
    if (!got) process.exit(0); // the simulator is gone
    at += got;
  }
  return data;
}

function writeAll(fd, data) {
  for (let at = 0; at < data.length; ) {
    try {
      at += fs.writeSync(fd, data, at);
    } catch (error) {
      if (error.code === "EPIPE") process.exit(0);
      if (error.code !== "EAGAIN") throw error;
    }
  }
}
