import { describe, expect, test } from 'vitest';
import { announcedOf, type Facility, facilityBits, installed } from '../../../../../src/arch/s390x/cpu/facilities.ts';
import { cpuModel } from '../../../../../src/arch/s390x/cpu/model.ts';

function told(text: string): (facility: Facility) => boolean {
  const model = cpuModel(text);
  if (!model.ok) throw new Error(model.error);
  const bits = announcedOf(model.value.facilities);
  return (facility) => bits.has(facilityBits[facility]);
}

describe('a CPU model', () => {
  test.each([
    ['zEC12', '2827', []],
    ['z13', '2964', ['zenterprise-z13', 'message-security-assist-5', 'vector']],
    ['z14', '3906', ['miscellaneous-extensions-2', 'instruction-execution-protection', 'vector-packed-decimal']],
    ['z15', '8561', ['miscellaneous-extensions-3', 'vector-enhancements-2', 'vector-packed-decimal-enhancement']],
    ['z16', '3931', ['vector-packed-decimal-enhancement-2']],
    ['z17', '9175', ['miscellaneous-extensions-4', 'vector-enhancements-3']],
  ] as const)('%s has what came with it, and what later machines brought it has not', (name, type, brought) => {
    const model = cpuModel(name);
    expect(model.ok && model.value.machine.type).toBe(type);
    const names = ['zEC12', 'z13', 'z14', 'z15', 'z16', 'z17'];
    const newer = names.slice(names.indexOf(name) + 1);
    const has = told(name);
    expect(brought.filter((facility) => !has(facility))).toEqual([]);
    expect(has('zenterprise-ec12')).toBe(true);
    expect(has('miscellaneous-extensions-3')).toBe(!newer.includes('z15'));
    expect(has('miscellaneous-extensions-2')).toBe(!newer.includes('z14'));
    expect(has('vector')).toBe(!newer.includes('z13'));
    expect(has('vector-packed-decimal-enhancement-2')).toBe(!newer.includes('z16'));
    expect(has('vector-enhancements-3')).toBe(!newer.includes('z17'));
  });
  test('max has everything that there is', () => {
    const model = cpuModel('max');
    expect(model.ok && [...model.value.facilities]).toEqual([...installed]);
  });
  test('has collaborative memory management when that is switched on', () => {
    expect(
      ['max', 'max,cmm=on', 'z14,cmm=on,cmm=off'].map((text) => cpuModel(text)).map((m) => m.ok && m.value.cmm),
    ).toEqual([undefined, true, undefined]);
  });
  test('is no hypervisor when that is switched off', () => {
    const found = ['max', 'max,sief2=off', 'z14,sief2=off,sief2=on'].map((text) => cpuModel(text));
    expect(found.map((m) => m.ok && m.value.sief2)).toEqual([undefined, false, undefined]);
    expect(cpuModel('max,sief2=maybe').ok).toBe(false);
  });
  test('without a facility is without those that need it', () => {
    const has = told('z15,vx=off,minste2=off');
    expect(
      ['vector', 'vector-enhancements-1', 'vector-enhancements-2', 'miscellaneous-extensions-2'].filter((f) =>
        has(f as Facility),
      ),
    ).toEqual([]);
    expect(has('miscellaneous-extensions-3')).toBe(true);
    const model = cpuModel('z15,vx=off');
    expect(model.ok && model.value.facilities.has(facilityBits['vector-enhancements-2'])).toBe(false);
  });
  test('with a facility of a later machine has that one alone', () => {
    const has = told('zEC12,stfle53=on');
    expect([has('zenterprise-z13'), has('vector')]).toEqual([true, false]);
  });
  test('every switch takes its own facility and what needs that, and nothing else', () => {
    const all = [
      'asnlxr',
      'cmpsceh',
      'dfp',
      'edat',
      'gs',
      'msa',
      'msa3',
      'sthyi',
      'te',
      'vx',
      'vxeh',
      'vxpd',
      'vxpdeh',
    ];
    const before = cpuModel('z16');
    for (const name of all) {
      const model = cpuModel(`z16,${name}=off`);
      if (!model.ok || !before.ok) throw new Error(name);
      const gone = [...before.value.facilities].filter((bit) => !model.value.facilities.has(bit));
      expect(gone.length, name).toBeGreaterThan(0);
      // What is left is told as it is: nothing in it needs what has gone.
      expect([...announcedOf(model.value.facilities)].sort(), name).toEqual([...model.value.facilities].sort());
      const again = cpuModel(`z16,${name}=off,${name}=on`);
      expect(again.ok, name).toBe(true);
    }
  });
  test('without vectors there are none of packed decimals either, without them vectors stay', () => {
    const [none, some] = [told('z16,vx=off'), told('z16,vxpd=off')];
    expect([none('vector-packed-decimal-enhancement-2'), none('guarded-storage')]).toEqual([false, true]);
    expect([some('vector-packed-decimal-enhancement-2'), some('vector-enhancements-2'), some('vector')]).toEqual([
      false,
      true,
      true,
    ]);
  });
  test('has a topology when that is switched on', () => {
    expect([told('z16')('topology'), told('z16,ctop=on')('topology')]).toEqual([false, true]);
  });
  test('without storage keys has none of the facilities that are about them', () => {
    const about = [
      'conditional-sske',
      'nonquiescing-key-setting',
      'reset-reference-bits-multiple',
      'insert-reference-bits-multiple',
    ] as const;
    const [removed, usual] = [told('max,skr=on'), told('max')];
    expect([removed('storage-key-removal'), usual('storage-key-removal')]).toEqual([true, false]);
    expect(about.filter((facility) => removed(facility))).toEqual([]);
    expect(about.filter((facility) => usual(facility)).length).toBe(3);
    expect(removed('edat-2')).toBe(true);
    expect(told('max,skr=on,skr=off')('storage-key-removal')).toBe(false);
  });
  test('can be switched back on: the last word counts', () => {
    expect(told('z15,iep=off,iep=on')('instruction-execution-protection')).toBe(true);
    expect(told('z15,iep=on,iep=off')('instruction-execution-protection')).toBe(false);
  });
  test.each([
    ['', 'there is no CPU model "": give zEC12, z13, z14, z15, z16, z17, max'],
    ['z99', 'there is no CPU model z99'],
    ['Z15', 'there is no CPU model Z15'],
    ['z15,vx', 'vx is no switch: write FEATURE=on or FEATURE=off with '],
    ['z15,tx=on', 'tx=on is no switch'],
    ['z15,vx=maybe', 'vx=maybe is no switch'],
    ['z15,', '"" is no switch'],
    ['zEC12,vxeh=on', 'vxeh=on needs another facility that zEC12,vxeh=on does not have'],
  ])('%j is none, and the reason says what to write', (text, reason) => {
    const model = cpuModel(text);
    expect(model.ok ? 'a model' : model.error).toContain(reason);
  });
});
