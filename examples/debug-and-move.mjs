// Guest debugging, storage keys and attributes; then the VM goes on in another one at the same instruction.
// Run it with: node examples/debug-and-move.mjs
import { Vm } from 'guestscope';

const MIB = 1 << 20;

/** A VM with collaborative memory management, and a vCPU that is stopped. */
function make() {
  const vm = new Vm({ storage: 2 * MIB });
  vm.setAttribute('memory', 0);
  vm.addSlot({ slot: 0, guest: 0, bytes: 2 * MIB, host: 0 });
  return { vm, vcpu: vm.createVcpu() };
}

const here = make();
// AGHI 1,1; STG 1,0(2); a branch back.
here.vm.write(0x1000, Buffer.from('a71b0001e31020000024a7f4fffb', 'hex'));
here.vcpu.psw = { mask: 0x0000000180000000n, address: 0x1000n };
here.vcpu.setGr(2, 0x5000n);
here.vcpu.start();

here.vcpu.debug({ singleStep: true });
const step = here.vcpu.run({ instructions: 1 });
console.log(`${step.kind} ${step.reason}: next is ${here.vcpu.psw.address.toString(16)}`);

here.vcpu.debug({ watchpoints: [{ address: 0x5000, length: 8 }] });
const met = here.vcpu.run({ instructions: 100 });
console.log(`${met.kind} ${met.reason}: byte ${met.address.toString(16)} has changed`);

here.vcpu.debug({ breakpoints: [0x100an] });
here.vcpu.run({ instructions: 100 });
console.log(`breakpoint at ${here.vcpu.psw.address.toString(16)}, register 1 is ${here.vcpu.gr(1)}`);
here.vcpu.debug({});

console.log(`keys: ${here.vm.getKeys(5, 1)}`);
here.vm.setKeys(5, Uint8Array.of(0x30));
console.log(`keys: ${here.vm.getKeys(5, 1)}`);
try {
  here.vm.setAttribute('memory', 0);
} catch (error) {
  console.log(`too late: ${error.code}`);
}

const there = make();
there.vm.restore(here.vm.save());
for (const { vcpu } of [here, there]) vcpu.run({ instructions: 300 });
console.log(`register 1: ${here.vcpu.gr(1)} here, ${there.vcpu.gr(1)} there`);
console.log(`stored: ${Buffer.from(there.vm.read(0x5000, 8)).equals(Buffer.from(here.vm.read(0x5000, 8)))}`);
