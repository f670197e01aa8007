// A pre-send hook for Node: one process of replylint stays up; one JSON line in, one JSON line out, in order.
//
//   echo '{"id":"1","reply":"可以的","history":[{"role":"buyer","text":"能加个微信吗"}]}' | node examples/pipe_hook.mjs
//
// As a program it reads requests, one a line, and says what may be sent; arguments are handed on to `replylint check`.
// The status is 2 when something could not be judged. To use it in your program, copy the class and the function.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

class Replylint {
  #waiting = [];
  #ended = null;
  #process;

  constructor(options = []) {
    const command = ["check", "--input", "jsonl", "--format", "jsonl", "--exit-zero", ...options];
    this.#process = spawn("replylint", command, { stdio: ["pipe", "pipe", "inherit"] });
    const answers = createInterface({ input: this.#process.stdout });
    answers.on("line", (line) => this.#waiting.shift()?.resolve(JSON.parse(line)));
    this.#process.on("error", (error) => this.#give_up(error));
    this.#process.on("close", (status) => this.#give_up(new Error(`replylint ended with status ${status}`)));
    this.#process.stdin.on("error", () => {}); // "close" follows and says more
  }

  // The answer to a request {reply, history?, meta?, id?}; rejects when it cannot be had.
  check(request) {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended);
      this.#waiting.push({ resolve, reject });
      this.#process.stdin.write(JSON.stringify(request) + "\n");
    });
  }

  close() {
    this.#process.stdin.end();
  }

  #give_up(error) {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

// What may be sent: the reply, its rewrite, or null. What could not be judged must not go out.
async function sendable(linter, request) {
  try {
    const answer = await linter.check(request);
    if (answer.error) throw new Error(answer.error);
    if (answer.action !== "block") return { send: request.reply, because: answer.action };
    // Offsets count code points, as Array.from does; request.reply.slice would be off behind an emoji.
    const letters = Array.from(request.reply);
    const words = answer.findings.map(({ rule, start, end }) => `${rule} ${letters.slice(start, end).join("")}`);
    return { send: answer.rewrite, because: words.join(", ") };
  } catch (error) {
    process.exitCode = 2;
    return { send: null, because: error.message };
  }
}

const linter = new Replylint(process.argv.slice(2));
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  console.log(JSON.stringify({ id: request.id ?? null, ...(await sendable(linter, request)) }));
}
linter.close();
