import { bigEndian } from '../../../../bits/hex.ts';
import type { Result } from '../../../../bits/result.ts';
import type { Stateful } from '../../../../bits/stateful.ts';
import { PAGE_BYTES } from '../../../../machine/layout.ts';
import type { BootRefusal } from '../../../../wing/wing.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { expandShortPsw, PSW } from '../../cpu/psw.ts';
import { gpa } from '../../dat/address.ts';
import { leave, type Outcome, program, resume } from '../../kvm/outcome.ts';
import { clearStorage, resetSubsystem } from '../../kvm/reset.ts';
import type { KvmVcpu } from '../../kvm/vcpu.ts';
import type { KvmVm } from '../../kvm/vm.ts';
import { iplParameterLength, parseCcwIplParameterBlock } from './ipl-parameters.ts';
import type { BootPlan } from './load.ts';

/** Code of DIAGNOSE for IPL functions. */
export const IPL_FUNCTIONS = 0x308;

const subcode = {
  /** Resets after which the issuing CPU goes on with the PSW at absolute address 0. */
  modifiedClearReset: 0n,
  loadNormalReset: 1n,
  /** IPL, with storage cleared before or not. */
  loadClear: 3n,
  loadNormal: 4n,
  setParameters: 5n,
  storeParameters: 6n,
} as const;

const returnCode = { ok: 0x0001n, noConfiguration: 0x0102n, invalid: 0x0402n } as const;

const specification: Outcome = program(PGM.specification);
const addressing: Outcome = program(PGM.addressing);

/** Puts the image into storage and says where it begins. */
export type Loader = () => Result<BootPlan, BootRefusal>;

/** What IPL keeps between the guest's calls. */
export interface IplState {
  readonly parameters: Uint8Array | undefined;
  readonly failure: string | undefined;
}

/**
 * IPL: an image put into storage in place of what a device would give, as often as the guest asks for it, and the resets
 * that a guest can ask for with DIAGNOSE 308.
 */
export class Ipl implements Stateful<IplState> {
  readonly #vm: KvmVm;
  readonly #resetDevices: () => void;
  #load: Loader | undefined;
  #plan: BootPlan | undefined;
  /** What the guest has set. */
  #parameters: Uint8Array | undefined;
  /** Why a re-IPL came to nothing. */
  failure: string | undefined;
  /** Told of every IPL after the first. */
  onReipl: ((plan: BootPlan) => void) | undefined;

  /** `resetDevices` does to them what a subsystem reset does. */
  constructor(vm: KvmVm, resetDevices: () => void) {
    this.#vm = vm;
    this.#resetDevices = resetDevices;
  }

  /** What was loaded last. */
  get plan(): BootPlan | undefined {
    return this.#plan;
  }
  /** Where a symbol of the image lies. */
  addressOf(name: string): bigint | undefined {
    return this.#plan?.symbols?.named(name)?.address;
  }

  /** The first IPL, of a machine that is as it was made. `load` is called again at every later one. */
  boot(load: Loader): Result<BootPlan, BootRefusal> {
    const plan = load();
    if (!plan.ok) return plan;
    this.#load = load;
    this.#start(plan.value);
    return plan;
  }

  /** DIAGNOSE 308; R1 is even and holds an address, the register behind it takes the return code, R3 has the subcode. */
  diagnose(v: KvmVcpu, r1: number, r3: number): Outcome {
    const { vcpu } = v;
    switch (vcpu.gr(r3)) {
      case subcode.modifiedClearReset:
        return this.#reset(v, 'clear', 'clear');
      case subcode.loadNormalReset:
        return this.#reset(v, 'initial', 'normal');
      case subcode.loadClear:
        return this.#reipl(true);
      case subcode.loadNormal:
        return this.#reipl(false);
      case subcode.setParameters:
      case subcode.storeParameters:
        return this.#parametersOf(v, r1, vcpu.gr(r3) === subcode.setParameters);
      default:
        return specification;
    }
  }

  /** @inheritdoc */
  save(): IplState {
    return { parameters: this.#parameters?.slice(), failure: this.failure };
  }
  /** @inheritdoc */
  restore({ parameters, failure }: IplState): void {
    this.#parameters = parameters?.slice();
    this.failure = failure;
  }

  #resetAll(own: KvmVcpu | undefined, kind: 'initial' | 'clear', others: 'normal' | 'clear'): void {
    for (const v of this.#vm.vcpus) v.reset(v === own ? kind : others, own);
    resetSubsystem(this.#vm);
    this.#resetDevices();
  }

  #reset(own: KvmVcpu, kind: 'initial' | 'clear', others: 'normal' | 'clear'): Outcome {
    this.#resetAll(own, kind, others);
    const word = this.#vm.readAbsolute(gpa(0), 8);
    if (word === undefined) return addressing;
    const short = bigEndian(word);
    const psw = expandShortPsw(short);
    // A PSW that is none of the short format is not valid in the other one either.
    own.setPsw({ ...psw, mask: (short & PSW.short) === 0n ? psw.mask | PSW.short : psw.mask });
    own.start();
    return leave({ kind: 'machine' });
  }

  /** IPL of what was loaded at first, into cleared storage. */
  loadAgain(): void {
    this.#reipl(true);
  }

  #reipl(clear: boolean): Outcome {
    this.#resetAll(undefined, 'initial', 'clear');
    if (clear) clearStorage(this.#vm);
    const plan = this.#load?.();
    if (plan?.ok === true) {
      this.#start(plan.value);
      this.onReipl?.(plan.value);
    } else {
      this.failure = plan === undefined ? 'there is nothing to load' : plan.error.message;
    }
    return leave({ kind: 'machine' });
  }

  #start(plan: BootPlan): void {
    const { psw } = plan;
    this.#plan = plan;
    const [boot] = this.#vm.vcpus;
    boot?.setPsw(psw);
    boot?.start();
  }

  #parametersOf({ vcpu, vm }: KvmVcpu, r1: number, set: boolean): Outcome {
    const address = vcpu.gr(r1);
    if ((r1 & 1) === 1 || (address & BigInt(PAGE_BYTES - 1)) !== 0n) return specification;
    const at = Number(address);
    const page = vm.readAbsolute(gpa(at), PAGE_BYTES);
    if (page === undefined) return addressing;
    const answer = (code: bigint): Outcome => {
      vcpu.setGr(r1 + 1, code);
      return resume;
    };
    if (set) {
      if (parseCcwIplParameterBlock(page) === undefined) return answer(returnCode.invalid);
      this.#parameters = page.slice(0, iplParameterLength(page));
      return answer(returnCode.ok);
    }
    if (this.#parameters === undefined) return answer(returnCode.noConfiguration);
    vm.writeAbsolute(gpa(at), this.#parameters);
    return answer(returnCode.ok);
  }
}
