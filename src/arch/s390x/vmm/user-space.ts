import type { AbsoluteBytes } from '../../../bits/absolute-bytes.ts';
import type { GuestDevice } from '../../../virtio/devices.ts';
import type { GuestIdentity } from '../../../wing/wing.ts';
import { gpa } from '../dat/address.ts';
import { VmChannelStorage } from '../kvm/channel-storage.ts';
import { resume } from '../kvm/outcome.ts';
import type { UserSpace } from '../kvm/user-space.ts';
import type { KvmVm } from '../kvm/vm.ts';
import { ChannelSubsystem } from './css/channel-subsystem.ts';
import { executeIo } from './css/instructions.ts';
import { IPL_FUNCTIONS, Ipl } from './ipl/ipl.ts';
import type { ConsolePort } from './sclp/console-port.ts';
import { Sclp } from './sclp/sclp.ts';
import { stsi } from './stsi.ts';
import { GuestDevices } from './virtio-ccw/guest-devices.ts';
import { VIRTIO_HYPERCALL, virtioHypercall } from './virtio-ccw/hypercall.ts';
import { strike, type WatchdogAction } from './watchdog.ts';

/** What user space gives a VM. */
export interface UserSpaceOptions {
  /** Where the guest's consoles write. Not kept by the caller. */
  readonly console: ConsolePort['output'];
  /** Channel devices. Their numbers must differ. */
  readonly devices?: readonly GuestDevice[];
  /** What STSI says of the virtual machine; its name is guestscope when not given, and a UUID of 16 bytes none. */
  readonly identity?: GuestIdentity;
  /** What happens when the guest's watchdog strikes; `reset` when not given. */
  readonly watchdog?: WatchdogAction;
}

/** The user space of a VM: service-call logical processor, channel subsystem with its devices, IPL. */
export class VmmUserSpace {
  readonly sclp: Sclp;
  readonly css: ChannelSubsystem;
  readonly ipl: Ipl;
  /** Storage by absolute address, for devices and loaders. */
  readonly storage: AbsoluteBytes;
  readonly devices: GuestDevices;

  constructor(vm: KvmVm, options: UserSpaceOptions) {
    const { size } = vm.complex.storage;
    this.storage = {
      size,
      read: (a, n) => vm.readAbsolute(gpa(a), n),
      write: (a, d) => vm.writeAbsolute(gpa(a), d),
      half: (a) => vm.halfAbsolute(gpa(a)),
      setHalf: (a, value) => vm.setHalfAbsolute(gpa(a), value),
    };
    this.sclp = new Sclp({
      storage: this.storage,
      config: {
        vcpus: vm.vcpus.length,
        storageBytes: size,
        addressPower: vm.core.machine.addressPower,
        sieFeatures: vm.model.features,
        suppressionOnProtection: vm.core.has('side-effect-access'),
      },
      console: { output: options.console },
      raiseServiceSignal: (parameter) => vm.floating.raiseService(parameter),
    });
    this.css = new ChannelSubsystem({
      storage: new VmChannelStorage(vm),
      raiseIo: (io) => vm.floating.raiseIo(io),
      withdrawIo: (id, number) => vm.floating.withdrawIo(id, number),
      channelReportPending: () => vm.floating.raiseChannelReport(),
    });
    this.ipl = new Ipl(vm, () => {
      this.sclp.reset();
      this.css.reset();
    });
    this.devices = new GuestDevices(this.css, this.storage);
    for (const device of options.devices ?? []) this.devices.attach(device);
    vm.userSpace = this.#services(vm, options);
    // What is done for a service call or a hypercall here leaves the timers of the vCPU alone.
    vm.core.carriesOut = (vcpu) => vcpu.outer === undefined && vm.vcpus[vcpu.id]?.carryOut() === true;
  }

  #services(vm: KvmVm, { identity, watchdog = 'reset' }: UserSpaceOptions): UserSpace {
    return {
      serviceCall: (v, command, sccb) => this.sclp.execute(command, sccb, v.vcpu.prefix),
      diagnose: (v, code, r1, r3) => {
        if (code === IPL_FUNCTIONS) return this.ipl.diagnose(v, r1, r3);
        if (code !== VIRTIO_HYPERCALL) return undefined;
        virtioHypercall(this.css, v.vcpu);
        return resume;
      },
      systemInformation: (v, functionCode, selector1, selector2) => {
        const answer = stsi(functionCode, selector1, selector2, {
          vcpus: vm.vcpus.length,
          cpuAddress: v.cpuAddress,
          machineType: vm.core.machine.type,
          topology: vm.core.has('topology'),
          vertical: vm.vertical,
          name: identity?.name ?? 'guestscope',
          ...(identity?.uuid === undefined ? {} : { uuid: identity.uuid }),
        });
        return answer.cc === 0 ? answer.sysib : undefined;
      },
      io: (instruction) => executeIo(this.css, instruction),
      watchdogStruck: () => strike(watchdog, vm, this.ipl),
    };
  }
}
