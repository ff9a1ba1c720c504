/** Calls of one turn of the event loop travel together: what hundreds of alerts ask for costs a request, not hundreds. */

interface Call<Asked, Answer> {
  asked: Asked;
  resolve(answer: Answer): void;
  reject(cause: unknown): void;
}

/** `together` answers in the order of what is asked for, at most `most` at a time; its failure is that of every call in it. */
export function gathered<Asked, Answer>(
  most: number,
  together: (asked: readonly Asked[]) => Promise<readonly Answer[]>,
): (asked: Asked) => Promise<Answer> {
  let waiting: Call<Asked, Answer>[] = [];

  async function send(calls: readonly Call<Asked, Answer>[]): Promise<void> {
    try {
      const answers = await together(calls.map(({ asked }) => asked));
      for (const [index, { resolve }] of calls.entries()) resolve(answers[index]!);
    } catch (cause) {
      for (const { reject } of calls) reject(cause);
    }
  }

  function sendAll(): void {
    const calls = waiting;
    waiting = [];
    for (let start = 0; start < calls.length; start += most) void send(calls.slice(start, start + most));
  }

  return (asked) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(sendAll);
      waiting.push({ asked, resolve, reject });
    });
}
