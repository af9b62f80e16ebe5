// A guest of six instructions, its exits, and the pages that it stores into. Run it with: node examples/exits.mjs
import { Vm } from 'guestscope';

const MIB = 1 << 20;
const vm = new Vm({ storage: 2 * MIB });
vm.addSlot({ slot: 0, guest: 0, bytes: 2 * MIB, host: 0 });

// A loop that stores a number, counts it down and asks the hypervisor for something; then a disabled wait.
vm.write(0x1000, Buffer.from('a7190003e310200000 24a71bffff83100888a774fff9b2b20f00'.replaceAll(' ', ''), 'hex'));
vm.write(0xf00, Buffer.from('00020001800000000000000000000bad', 'hex'));

const vcpu = vm.createVcpu();
vcpu.psw = { mask: 0x0000000180000000n, address: 0x1000n };
vcpu.setGr(2, 0x5000n);
vcpu.start();
vm.logDirty(0, true);

for (;;) {
  const exit = vcpu.run({ instructions: 1000 });
  if (exit.kind === 'diagnose') {
    const pages = vm.dirtyLog(0).reduce((n, byte) => n + (byte === 0 ? 0 : 1), 0);
    console.log(`DIAGNOSE ${exit.code.toString(16)}: ${vcpu.gr(exit.r1)} left, ${pages} page stored into`);
  } else {
    console.log(`${exit.kind} at ${vcpu.psw.address.toString(16)} after ${vcpu.executed} instructions`);
    break;
  }
}
