import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A bare client of the remote protocol: packets as text, without acknowledgements; it hangs up with the test. */
export class RspClient {
  readonly #socket: Socket;
  #received = '';
  #waiters: (() => void)[] = [];
  #closed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#received += chunk.toString('latin1');
      this.#wake();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#closed = true;
      this.#wake();
    });
  }

  /** Connects, tells what gdb tells, and switches acknowledgements off. */
  static async connect(port: number): Promise<RspClient> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    onTestFinished(() => {
      socket.destroy();
    });
    await new Promise((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    const client = new RspClient(socket);
    await client.ask('qSupported:multiprocess+;swbreak+;hwbreak+;vContSupported+');
    await client.ask('QStartNoAckMode');
    return client;
  }

  /** Sends a packet and resolves to the body of the next one that is not output. */
  async ask(body: string): Promise<string> {
    this.send(body);
    return this.reply();
  }
  /** Sends a packet. */
  send(body: string): void {
    let sum = 0;
    for (const byte of Buffer.from(body, 'latin1')) sum = (sum + byte) & 0xff;
    this.sendRaw(`$${body}#${sum.toString(16).padStart(2, '0')}`);
  }
  /** Sends bytes as they are; `\x03` is an interrupt. */
  sendRaw(text: string): void {
    this.#socket.write(Buffer.from(text, 'latin1'));
  }

  /** The body of the next packet that is not output, runs expanded. */
  async reply(): Promise<string> {
    for (;;) {
      const found = /^[+-]*\$([^#]*)#[0-9a-f]{2}/.exec(this.#received);
      if (found !== null) {
        this.#received = this.#received.slice(found[0].length);
        const body = (found[1] ?? '').replaceAll(/(.)\*(.)/gs, (_, byte: string, count: string) =>
          byte.repeat(count.charCodeAt(0) - 28),
        );
        if (!/^O[0-9a-f]/.test(body)) return body;
      } else if (this.#closed) {
        throw new Error(`the server hung up; left over: ${this.#received}`);
      } else {
        await new Promise<void>((resolve) => this.#waiters.push(resolve));
      }
    }
  }

  /** Leaves without a word. */
  hangUp(): void {
    this.#socket.destroy();
  }

  #wake(): void {
    for (const resume of this.#waiters.splice(0)) resume();
  }
}
