import type { AbsoluteBytes } from '../../../../bits/absolute-bytes.ts';
import { PREFIX_AREA_BYTES } from '../../dat/prefix.ts';
import { conditionCode, type Outcome, program } from '../../kvm/outcome.ts';
import type { SclpConfig } from './config.ts';
import { configurationCommands, extendedLengthCommands } from './configuration.ts';
import { ConsoleInput, type ConsoleKind } from './console-input.ts';
import type { ConsolePort } from './console-port.ts';
import { type EventSink, type EventSource, eventTypes } from './event.ts';
import { EventFacility } from './event-facility.ts';
import { AsciiConsole } from './events/ascii-console.ts';
import { type Identification, IdentificationSink } from './events/identification.ts';
import { MessageSink } from './events/message.ts';
import { OperatorCommandSource } from './events/operator-command.ts';
import { SignalQuiesce } from './events/signal-quiesce.ts';
import { type Response, response } from './response.ts';
import { SCCB_HEADER_BYTES, Sccb } from './sccb.ts';

/** What the SCLP needs of its machine. */
export interface SclpMachine {
  readonly storage: AbsoluteBytes;
  readonly config: SclpConfig;
  readonly console: ConsolePort;
  /**
   * Makes an external interruption 2401 pending with this parameter: the SCCB's address, 0 for none, and bit 31 (1) when
   * an event waits to be read.
   */
  raiseServiceSignal(parameter: number): void;
}

/** Everything of an SCLP that changes: plain data. */
export interface SclpState {
  readonly events: ReturnType<EventFacility['save']>;
  readonly input: ReturnType<ConsoleInput['save']>;
  readonly quiesce: boolean;
  readonly identification?: Identification;
}

const ADDRESSING = 0x0005;
const SPECIFICATION = 0x0006;

const PAGE_BYTES = 0x1000;
const HIGHEST_SCCB = 0x7fff_fff8;
/** Bits 16-23 of a command are an operand. */
const COMMAND_CODE = ~0xff00;
const EVENT_PENDING = 1;
const RESPONSE_AT = 6;

/** The service-call logical processor: what SERVICE CALL reaches. Every command is done when `execute` returns. */
export class Sclp {
  readonly #machine: SclpMachine;
  readonly #input = new ConsoleInput();
  readonly #quiesce = new SignalQuiesce();
  readonly #identification = new IdentificationSink();
  readonly #events: EventFacility;

  constructor(machine: SclpMachine) {
    this.#machine = machine;
    const { console, config } = machine;
    const { line, ascii } = config.consoles ?? { line: true, ascii: true };
    const codePage = config.codePage ?? 'cp500';
    const sources: EventSource[] = [];
    const sinks: EventSink[] = [this.#identification];
    if (line) {
      const wrote = (): void => this.#input.wrote('line');
      for (const type of [eventTypes.message, eventTypes.priorityMessage]) {
        sinks.push(new MessageSink(type, console, codePage, wrote));
      }
      sources.push(new OperatorCommandSource(this.#input, codePage, () => this.#inputGoesTo('line')));
    }
    if (ascii) {
      const asciiConsole = new AsciiConsole(console, this.#input, () => this.#inputGoesTo('ascii'));
      sinks.push(asciiConsole);
      sources.push(asciiConsole);
    }
    sources.push(this.#quiesce);
    this.#events = new EventFacility(sources, sinks);
  }

  /**
   * Executes SERVICE CALL of a supervisor-state program: `sccb` is the address in its second operand, `prefix` that of the
   * issuing vCPU. The service signal is raised before this returns.
   */
  execute(command: number, sccb: number, prefix = 0): Outcome {
    if (!(sccb >= 0 && sccb <= HIGHEST_SCCB) || (sccb & 7) !== 0) return program(SPECIFICATION);
    const prefixArea = sccb & ~(PREFIX_AREA_BYTES - 1);
    if (prefixArea === 0 || prefixArea === prefix) return program(SPECIFICATION);
    const { storage } = this.#machine;
    const length = storage.half(sccb);
    if (length === undefined) return program(ADDRESSING);
    if (length < SCCB_HEADER_BYTES) return program(SPECIFICATION);
    const code = command & COMMAND_CODE;
    const configuration = configurationCommands.get(code);
    const event = configuration === undefined ? this.#events.commands.get(code) : undefined;
    const refusal =
      configuration === undefined && event === undefined ? response.invalidCommand : this.#refusal(code, sccb, length);
    if (refusal !== undefined) {
      storage.setHalf(sccb + RESPONSE_AT, refusal);
    } else {
      const bytes = storage.read(sccb, length);
      if (bytes === undefined) return program(ADDRESSING);
      const block = new Sccb(bytes);
      const answer = configuration === undefined ? event?.(block) : configuration(block, this.#machine.config, command);
      block.setResponse(answer ?? response.invalidCommand);
      storage.write(sccb, bytes.subarray(0, block.statedLength));
    }
    this.#machine.raiseServiceSignal(sccb | (this.#events.pending() ? EVENT_PENDING : 0));
    return conditionCode(0);
  }

  /** Types `bytes` on the guest's console: lines in UTF-8, or whatever a terminal sends to the ASCII console. */
  typed(bytes: Uint8Array): void {
    this.#input.add(bytes);
    this.#signalEvents();
  }

  /** Asks the guest to shut down; false when it does not listen for that now (it is asked when it does). */
  quiesce(): boolean {
    this.#quiesce.request();
    this.#signalEvents();
    return this.#events.isReceiving(eventTypes.signalQuiesce);
  }

  /** What the guest has said that it is. */
  get identification(): Identification | undefined {
    return this.#identification.latest;
  }

  /** Subsystem reset. What was typed stays typed. */
  reset(): void {
    this.#events.reset();
    this.#quiesce.restore(false);
    this.#identification.restore(undefined);
  }

  save(): SclpState {
    const { latest } = this.#identification;
    return {
      events: this.#events.save(),
      input: this.#input.save(),
      quiesce: this.#quiesce.save(),
      ...(latest === undefined ? {} : { identification: latest }),
    };
  }
  restore(state: SclpState): void {
    this.#events.restore(state.events);
    this.#input.restore(state.input);
    this.#quiesce.restore(state.quiesce);
    this.#identification.restore(state.identification);
  }

  /** The response to a known command whose SCCB lies across pages, which leaves its contents alone. */
  #refusal(code: number, sccb: number, length: number): Response | undefined {
    const mayCross = this.#machine.config.extendedLengthSccb === true && extendedLengthCommands.has(code);
    const crosses = (sccb % PAGE_BYTES) + length > PAGE_BYTES;
    return crosses && !mayCross ? response.sccbBoundaryViolation : undefined;
  }

  #signalEvents(): void {
    if (this.#events.pending()) this.#machine.raiseServiceSignal(EVENT_PENDING);
  }

  #inputGoesTo(kind: ConsoleKind): boolean {
    const types = { line: eventTypes.operatorCommand, ascii: eventTypes.asciiConsole };
    return this.#input.goesTo((one) => this.#events.isReceiving(types[one])) === kind;
  }
}
