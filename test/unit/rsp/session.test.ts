import { describe, expect, test } from 'vitest';
import { PACKET_SIZE } from '../../../src/rsp/framing.ts';
import { deframed, framed, Harness, shownBy } from './harness.ts';

const STEP_OF_1 = 'vCont;s:p1.1';

function bytes(...parts: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)));
}

describe('acknowledgements', () => {
  test('go out with the reply in one write, until they are switched off', () => {
    const harness = new Harness({ acks: true });
    harness.session.receive(framed('qC'));
    expect(harness.takeWrites().map((write) => deframed(write))).toEqual([['+', 'QC1']]);
    expect(harness.feed(bytes('+', framed('QStartNoAckMode'), '+', framed('qC')))).toEqual(['+', 'OK', 'QC1']);
  });

  test('a packet that came broken is asked for again, and nothing else happens', () => {
    const harness = new Harness({ acks: true });
    expect(harness.feed('$M1800,1:ff#00')).toEqual(['-']);
    expect(harness.target.calls).toEqual([]);
  });

  test('without acknowledgements a broken packet gets an error', () => {
    expect(new Harness().feed('$g#00')).toEqual(['E16']);
  });

  test('a reply that came broken is sent again', () => {
    const harness = new Harness({ acks: true });
    expect(harness.feed('-')).toEqual([]);
    harness.send('qC');
    expect(harness.feed('-')).toEqual(['QC1']);
    expect(harness.feed('-')).toEqual(['QC1']);
  });
});

describe('bad packets get one error reply and change nothing', () => {
  test.each([
    ['an escape at the end', framed('M1800,1:ff}')],
    ['a run of nothing', framed('m* ')],
    ['oversize', framed(`M1800,1:${'f'.repeat(PACKET_SIZE)}`)],
    ['not hex', framed('M1800,1:zz')],
  ])('%s', (_, packet) => {
    const harness = new Harness();
    expect(harness.feed(packet)).toEqual(['E16']);
    expect(harness.send('qC')).toEqual(['QCp1.1']);
    expect(harness.target.calls).toEqual([]);
  });

  test('the largest packet that was promised is taken', () => {
    const harness = new Harness();
    const packet = `X1800,${(PACKET_SIZE - 12).toString(16)}:`;
    expect(harness.send(packet + 'a'.repeat(PACKET_SIZE - packet.length))).toEqual(['E01']);
    expect(harness.send(`m1000,${PACKET_SIZE.toString(16)}`)[0]?.length).toBe(0x3000 * 2);
  });

  test('a fault of ours is told, answered with an error, and the session goes on', () => {
    const harness = new Harness();
    const fault = new Error('broken');
    harness.target.readMemory = () => {
      throw fault;
    };
    expect(harness.send('m0,4')).toEqual(['E0e']);
    expect(harness.faults).toEqual([fault]);
    harness.target.resume = () => {
      throw fault;
    };
    expect(harness.send('vCont;c')).toEqual(['E0e']);
    expect(harness.send('qC')).toEqual(['QCp1.1']);
  });
});

describe('an interrupt', () => {
  test('glued to the packet that resumes stops the guest', () => {
    const harness = new Harness();
    expect(harness.feed(bytes(framed('vCont;c'), '\x03'))).toEqual([]);
    expect(harness.target.calls).toEqual(['resume 0:continue 1:continue', 'interrupt']);
    expect(harness.advance()[0]).toMatch(/^T02.*thread:p1\.1;/);
  });

  test('while halted waits for the next resume, once, however often it came', () => {
    const harness = new Harness();
    expect(harness.feed('\x03\x03\x03')).toEqual([]);
    expect(harness.target.calls).toEqual([]);
    harness.send('vCont;c');
    expect(harness.target.calls).toEqual(['resume 0:continue 1:continue', 'interrupt']);
    expect(harness.advance()[0]).toMatch(/^T02/);
    harness.send(STEP_OF_1);
    expect(harness.advance()[0]).toMatch(/^T05/);
  });

  test('belongs to the resume before it: each of several in one write gets its stop', () => {
    const harness = new Harness();
    const times = 5;
    harness.feed(bytes(...Array(times).fill(bytes(framed('vCont;c'), '\x03'))));
    harness.send('qC');
    const said = Array.from({ length: times }, () => harness.advance());
    expect(said.map((packets) => packets.map((packet) => packet.slice(0, 3)))).toEqual([
      ...Array(times - 1).fill(['T02']),
      ['T02', 'QCp'],
    ]);
    // None is left over.
    harness.send(STEP_OF_1);
    expect(harness.advance()[0]).toMatch(/^T05/);
  });

  test('is not kept waiting by packets that cannot be answered before it', () => {
    const harness = new Harness();
    harness.feed(bytes(framed('vCont;c'), framed('qC'), framed('vCont;c'), '\x03'));
    expect(harness.target.calls).toEqual(['resume 0:continue 1:continue', 'interrupt']);
    expect(harness.advance().map((packet) => packet.slice(0, 3))).toEqual(['T02', 'QCp']);
    expect(harness.feed('\x03')).toEqual([]);
    expect(harness.advance()[0]).toMatch(/^T02/);
  });

  test('behind one that is on its way waits for the next resume', () => {
    const harness = new Harness();
    harness.feed(bytes(framed('vCont;c'), '\x03\x03\x03'));
    expect(harness.target.calls).toEqual(['resume 0:continue 1:continue', 'interrupt']);
    harness.advance();
    harness.target.calls.length = 0;
    harness.send('vCont;c');
    expect(harness.target.calls).toEqual(['resume 0:continue 1:continue', 'interrupt']);
    harness.advance();
    harness.target.calls.length = 0;
    harness.send('vCont;c');
    expect(harness.target.calls).toEqual(['resume 0:continue 1:continue']);
  });

  test('keeps its place while the client does not read', () => {
    const harness = new Harness({ slow: true });
    harness.feed(framed('qC'));
    harness.feed(bytes(framed('vCont;c'), '\x03', framed('vCont;c'), '\x03'));
    expect(harness.target.calls).toEqual([]);
    for (const stops of [1, 2]) {
      harness.session.drained();
      harness.session.drained();
      expect(harness.target.calls.filter((call) => call === 'interrupt')).toHaveLength(stops);
      harness.take();
      expect(harness.advance()[0]).toMatch(/^T02/);
    }
  });

  test('that waits is dropped with a detach', () => {
    const harness = new Harness();
    harness.feed('\x03');
    expect(harness.send('D')).toEqual(['OK']);
    expect(harness.target.calls).toEqual(['detach']);
  });
});

describe('while the guest runs', () => {
  test('packets wait and are answered in order behind the stop reply', () => {
    const harness = new Harness();
    harness.send('vCont;c:p1.1');
    expect(harness.feed(bytes(framed('qC'), framed('M1800,1:ff'), framed('m1800,1')))).toEqual([]);
    expect(harness.target.calls).toEqual(['resume 0:continue']);
    harness.feed('\x03');
    expect(harness.advance().map((packet) => packet.slice(0, 3))).toEqual(['T02', 'QCp', 'OK', 'ff']);
  });

  test('a resume that waited lets the packets behind it wait on', () => {
    const harness = new Harness();
    harness.send(STEP_OF_1);
    harness.feed(bytes(framed(STEP_OF_1), framed('qC')));
    expect(harness.advance().map((packet) => packet.slice(0, 3))).toEqual(['T05']);
    expect(harness.advance().map((packet) => packet.slice(0, 3))).toEqual(['T05', 'QCp']);
  });

  test('bad packets wait like good ones', () => {
    const harness = new Harness();
    harness.send(STEP_OF_1);
    expect(harness.feed('$g#00')).toEqual([]);
    expect(harness.advance().map((packet) => packet.slice(0, 3))).toEqual(['T05', 'E16']);
  });

  test('a flood is not kept, and each of its packets still gets one answer', () => {
    const harness = new Harness();
    const big = framed(`X4000,100000:${'a'.repeat(PACKET_SIZE - 20)}`);
    harness.send(STEP_OF_1);
    for (let i = 0; i < 8; i++) harness.feed(big);
    harness.send('qC');
    const [stop, ...answers] = harness.advance();
    expect(stop).toMatch(/^T05/);
    expect(answers).toEqual(Array(9).fill('E16'));
    expect(harness.send('qC')).toEqual(['QCp1.1']);
  });

  test('console output is shown; what comes while halted is shown at the next resume', () => {
    const harness = new Harness();
    harness.target.onConsole?.(Buffer.from('early'));
    expect(harness.take()).toEqual([]);
    expect(harness.send('vCont;c').map(shownBy)).toEqual(['early']);
    harness.target.onConsole?.(Buffer.from('späte Zeile\n'));
    expect(harness.take().map(shownBy)).toEqual(['späte Zeile\n']);
  });

  test('long output is cut into packets that fit', () => {
    const harness = new Harness();
    harness.send('vCont;c');
    harness.target.onConsole?.(Buffer.alloc(0x9000, 'xy'));
    const packets = harness.take();
    expect(packets.map(shownBy).join('')).toBe('xy'.repeat(0x4800));
    expect(packets.every((packet) => packet.length < PACKET_SIZE)).toBe(true);
  });
});

describe('stops', () => {
  test.each([
    [{ kind: 'watchpoint', access: 'read', address: 0xffff_ffff_ffff_fff8n } as const, 'rwatch:fffffffffffffff8;'],
    [{ kind: 'watchpoint', access: 'access', address: 0x10n } as const, 'awatch:10;'],
    [{ kind: 'breakpoint', hardware: true } as const, 'hwbreak:;'],
    [{ kind: 'step' } as const, ''],
  ])('%o', (reason, text) => {
    const harness = new Harness();
    harness.send('vCont;c');
    harness.target.stop(1, reason);
    expect(harness.take()).toEqual([
      `T0501:${'1000'.padStart(16, '0')};11:0000000000003f01;thread:p1.2;core:1;${text}`,
    ]);
    expect(harness.send('qC')).toEqual(['QCp1.2']);
  });

  test('a stop that nobody waits for is not sent', () => {
    const harness = new Harness();
    harness.target.stop(1, { kind: 'step' });
    expect(harness.take()).toEqual([]);
    expect(harness.send('?')[0]).toMatch(/thread:p1\.1;/);
  });

  test('a stop that comes from inside interrupt() is answered once', () => {
    const harness = new Harness();
    harness.target.interrupt = () => harness.target.stop(0, { kind: 'interrupt' });
    expect(harness.feed(bytes(framed('vCont;c'), '\x03', framed('qC'))).map((packet) => packet.slice(0, 3))).toEqual([
      'T02',
      'QCp',
    ]);
  });
});

describe('a client that has sent no packet', () => {
  test.each(['', '+', '\x03', 'GET / HTTP/1.0\r\n\r\n', '$qC#00', '$qSupp'])('only %j, changes nothing', (sent) => {
    const harness = new Harness({ acks: true });
    harness.feed(sent);
    expect(harness.target.onConsole).toBeUndefined();
    harness.session.close();
    expect(harness.target.calls).toEqual([]);
  });

  test('has the machine with its first one', () => {
    const harness = new Harness({ acks: true });
    expect(harness.feed(bytes('+', framed('qC')))).toEqual(['+', 'QC1']);
    expect(harness.target.calls).toEqual(['attach']);
  });

  test('is refused when another has the machine', () => {
    const harness = new Harness({ acks: true, taken: true });
    expect(harness.feed(bytes(framed('vCont;c'), '\x03', framed('k')))).toEqual([
      ...['+', 'E.another debugger is attached to this machine'],
      ...['+', 'E.another debugger is attached to this machine'],
    ]);
    harness.session.close();
    expect(harness.target.calls).toEqual([]);
  });
});

describe('leaving', () => {
  test('a client that goes without a word detaches', () => {
    const harness = new Harness();
    harness.send('Z0,1004,2');
    harness.session.close();
    harness.session.close();
    expect(harness.target.calls).toEqual(['detach']);
    expect(harness.target.onConsole).toBeUndefined();
  });

  test('also while the guest runs, and no stop is reported then', () => {
    const harness = new Harness();
    harness.send('vCont;c');
    harness.session.close();
    harness.target.stop(0, { kind: 'step' });
    expect(harness.take()).toEqual([]);
  });

  test('k hangs up without a reply, and what follows changes nothing', () => {
    const harness = new Harness();
    expect(harness.send('k')).toEqual([]);
    expect(harness.ended).toBe(true);
    harness.session.close();
    expect(harness.target.calls).toEqual(['kill']);
  });
});

describe('a client that does not read', () => {
  test('is not answered until it does, and then in order', () => {
    const harness = new Harness({ slow: true });
    const first = harness.feed(framed('qC'));
    const second = harness.feed(bytes(framed('qAttached'), framed('vMustReplyEmpty')));
    expect([first, second]).toEqual([['QCp1.1'], []]);
    harness.session.drained();
    expect(harness.take()).toEqual(['1', '']);
  });

  test('replies do not pile up past a bound', () => {
    const harness = new Harness({ slow: true });
    harness.feed(bytes(...Array(100).fill(framed('g')), ...Array(100).fill(framed('m1000,3000'))));
    const total = (): number => harness.writes.reduce((sum, write) => sum + write.length, 0);
    for (let i = 0; i < 200; i++) {
      expect(total()).toBeLessThan(0x80000);
      harness.takeWrites();
      harness.session.drained();
    }
  });
});

test('monitor output is streamed line by line, and its last word is OK', () => {
  const seen: number[] = [];
  const harness: Harness = new Harness({
    monitor: {
      *execute() {
        yield 'first';
        seen.push(harness.writes.length);
        yield 'second';
        seen.push(harness.writes.length);
      },
    },
  });
  const packets = harness.send('qRcmd,78');
  expect(seen).toEqual([1, 2]);
  expect(packets.slice(0, 2).map(shownBy)).toEqual(['first\n', 'second\n']);
  expect(packets[2]).toBe('OK');
});

test('a fault in a monitor command is told as text, since gdb has no use for an error here', () => {
  const fault = new Error('broken');
  const harness = new Harness({
    monitor: {
      *execute() {
        yield 'first';
        throw fault;
      },
    },
  });
  const packets = harness.send('qRcmd,78');
  expect(packets.slice(0, -1).map(shownBy)).toEqual(['first\n', 'internal error in this command\n']);
  expect(packets.at(-1)).toBe('OK');
  expect(harness.faults).toEqual([fault]);
});
