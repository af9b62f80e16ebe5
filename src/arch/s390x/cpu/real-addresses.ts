import { PAGE_BYTES } from '../../../machine/layout.ts';
import { accessRegisterTranslation } from '../dat/access-registers.ts';
import { further, type Gra, gpa, gra } from '../dat/address.ts';
import { unprefixed } from '../dat/prefix.ts';
import type { AccessPath } from './access-path.ts';
import { newExplanation, translateIn } from './explain.ts';
import { type Asce, accessExceptionDetails, asceOf, protectionType } from './protection.ts';
import { ZERO_REGISTER } from './state-layout.ts';
import type { Vcpu } from './vcpu.ts';

/** What `RealAddresses.of` found; the next one finds it in the same object. */
export interface RealTranslation {
  /** Program-interruption code, 0 when the translation was completed. */
  code: number;
  real: Gra;
  /** Address of the last table entry that the walk came to; undefined when no address space was found. */
  entry: number | undefined;
  /** That entry lies outside its table. */
  outside: boolean;
}

/** Address spaces by PSW bits 16 and 17. */
const spaceOrder = ['primary', 'access-register', 'secondary', 'home'] as const;

/** Translations for their own sake: nothing is accessed at the real address. */
export class RealAddresses {
  readonly #translation = newExplanation().translation;
  readonly #found: RealTranslation = { code: 0, real: gra(0), entry: undefined, outside: false };
  /** The space of the last translation. */
  readonly #space = { high: 0, low: 0 };

  /**
   * Translates an address by the address-space-control bits of the PSW, DAT on or off, looking at neither protection nor
   * existence (PoP, "LOAD REAL ADDRESS").
   */
  of(vcpu: Vcpu, high: number, low: number, ar: number): Readonly<RealTranslation> {
    const space = spaceOrder[vcpu.addressSpace] ?? 'primary';
    const register = space === 'home' ? 13 : space === 'secondary' ? 7 : 1;
    this.#space.high = vcpu.crHigh(register);
    this.#space.low = vcpu.crLow(register);
    let asce: Asce = this.#space;
    if (space === 'access-register' && ar < ZERO_REGISTER) {
      const found = accessRegisterTranslation(vcpu, vcpu.place, ar, vcpu.ar(ar));
      if (!found.ok) return this.#result(found.error, gra(0), undefined, false);
      asce = asceOf(found.value.asce);
    }
    const t = this.#translation;
    const code = translateIn(vcpu.place, vcpu, asce, high, low, t);
    if (code !== 0) return this.#result(code, gra(0), t.entry, t.outside);
    const page = t.absolute ? unprefixed(gpa(t.page), vcpu.prefix) : gra(t.page);
    return this.#result(0, further(page, low & (PAGE_BYTES - 1)), t.entry, false);
  }

  #result(code: number, real: Gra, entry: number | undefined, outside: boolean): RealTranslation {
    const found = this.#found;
    found.code = code;
    found.real = real;
    found.entry = entry;
    found.outside = outside;
    return found;
  }

  /** As `of`, raising the program interruption; the real address. */
  require(vcpu: Vcpu, address: bigint, ar: number): Gra {
    const [high, low] = [Number(address >> 32n), Number(address & 0xffff_ffffn)];
    const { code, real } = this.of(vcpu, high, low, ar);
    if (code === 0) return real;
    const path: AccessPath = { space: 'current', ar };
    return vcpu.raise(
      code,
      accessExceptionDetails(vcpu, code, { high, low, kind: 'fetch' }, path, protectionType.none),
    );
  }
}
