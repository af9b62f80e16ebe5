import { beforeAll, expect, test } from 'vitest';
import { MemoryDisk } from '../../src/virtio/block.ts';
import { SeededBytes } from '../../src/virtio/rng.ts';
import { bootLinux, findLinux, type LinuxImages, linuxImages, linuxUnderQemu } from '../support/linux.ts';
import { describeUnless, describeWithTools } from '../support/tools.ts';
import { answer } from './peer.ts';

const MIB = 1 << 20;
const MODULES = ['virtio_blk', 'virtio_net', 'virtio_console', 'virtio_rng', 'crc32c_generic', 'ext4'];
const PEER = [10, 0, 0, 2];
const number = { disk: 1, rng: 2, console: 3, net: 4, readOnly: 5, plugged: 6 } as const;
const MARK = 'guestscope was here';

/** What a guest can see of its channel devices: the same from us and from QEMU. Which disk is vda is a race there. */
const facts = `
cd /sys/bus/css/devices; for d in *; do echo "fact $d $(cat $d/type) $(cat $d/chpids) $(cat $d/pimpampom)"; done
cd /sys/bus/ccw/devices
for d in *; do echo "fact $d $(cat $d/cutype) $(cat $d/devtype) $(cat $d/modalias) $(cat $d/online) $(cat $d/availability)"; done
echo "fact $(cat /sys/devices/css0/chp0.00/type) $(cat /sys/devices/css0/chp0.00/status)"
cd /sys/bus/ccw/devices/0.0.0001/virtio*/block/vd*
for f in size ro queue/logical_block_size queue/max_segments queue/max_sectors_kb cache_type; do echo "fact $f $(cat $f)"; done
for d in /sys/bus/virtio/devices/*; do echo "fact $(cat $d/vendor) $(cat $d/status)"; done
echo "fact $(cat /sys/class/net/eth0/address)"
`;

const script = `${facts}
echo "serial $(cat /sys/block/vda/serial)"
mke2fs /dev/vda >/dev/null 2>&1
mount -t ext2 /dev/vda /mnt && echo mounted
head -c 200000 /dev/hwrng >/mnt/random
md5sum </mnt/random
umount /mnt
echo 3 >/proc/sys/vm/drop_caches
mount -t ext2 -o ro /dev/vda /mnt
md5sum </mnt/random
umount /mnt
echo "source $(cat /sys/class/misc/hw_random/rng_current)"
echo "read-only $(cat /sys/block/vdb/ro) $(head -c ${MARK.length} /dev/vdb)"
echo x >/dev/vdb || echo refused
ifconfig eth0 10.0.0.1 netmask 255.255.255.0 up
ping -c 2 10.0.0.2 | grep received
echo "hello hvc" >/dev/hvc0
echo "listening"
read typed </dev/hvc0
echo "typed $typed"
echo "plug"
sleep 1
echo "plugged $(cat /sys/block/vdc/size) $(head -c 5 /dev/vdc)"
echo "unplug"
sleep 1
ls /sys/bus/ccw/devices | tr '\\n' ' '; echo
echo 0 >/sys/bus/ccw/devices/0.0.0001/online
echo 1 >/sys/bus/ccw/devices/0.0.0001/online
mount -t ext2 -o ro /dev/vda /mnt
md5sum </mnt/random
grep -E "CIO|VAI|NMI" /proc/interrupts | awk '{print "interrupts", $1, ($2 > 0)}'
`;

const startingWith = (lines: readonly string[], start: string): string[] => lines.filter((l) => l.startsWith(start));

const linesOf = (console: string): string[] => console.split('\n').map((line) => line.trimEnd());

const linux = await findLinux();

describeUnless(linux.lacks, 'Debian on virtio-ccw devices', () => {
  describeWithTools(['qemu-system-s390x'], 'beside QEMU', devices);
});

function devices(): void {
  const disk = new MemoryDisk(new Uint8Array(8 * MIB));
  let here: readonly string[] = [];
  let qemu: readonly string[] = [];
  let hvc = '';
  const lines = (start: string): string[] => startingWith(here, start);

  beforeAll(async () => {
    if (linux.kernel === undefined) throw new Error(linux.lacks.join());
    const besides = underQemu(linuxImages(linux.kernel, facts, MODULES));
    const other = new Uint8Array(MIB);
    other.set(Buffer.from(MARK));
    let card: (frame: Uint8Array) => void = () => undefined;
    const end = await bootLinux({
      images: linuxImages(linux.kernel, script, MODULES),
      devices: [
        { kind: 'block', number: number.disk, backend: disk, serial: 'guestscope-0' },
        { kind: 'rng', number: number.rng, source: new SeededBytes(1) },
        {
          kind: 'console',
          number: number.console,
          output: (bytes) => {
            hvc += Buffer.from(bytes).toString();
          },
        },
        {
          kind: 'net',
          number: number.net,
          mac: Uint8Array.of(2, 0, 0, 0, 0, 1),
          backend: { send: (frame) => card(frame) },
        },
        { kind: 'block', number: number.readOnly, backend: new MemoryDisk(other), readOnly: true },
      ],
      prepare: ({ machine }) => {
        card = (frame) => {
          const reply = answer(frame, PEER);
          if (reply !== undefined) machine.post({ kind: 'device-input', device: number.net, data: reply });
        };
      },
      onLine: (line, { guest, machine }) => {
        if (line === 'listening') {
          machine.post({ kind: 'device-input', device: number.console, data: Buffer.from('from outside\n') });
        } else if (line === 'plug') {
          const plugged = new MemoryDisk(Uint8Array.from(Buffer.from('fresh'.padEnd(4096))));
          guest.devices.offer('new disk', { kind: 'block', number: number.plugged, backend: plugged });
          machine.post({ kind: 'plug', device: 'new disk' });
        } else if (line === 'unplug') machine.post({ kind: 'unplug', device: number.plugged });
      },
    });
    here = linesOf(end.output);
    qemu = linesOf(await besides);
    expect(end, end.output).toMatchObject({ status: 0 });
    expect(lines('script ended')).toEqual(['script ended with status 0']);
  });

  test('finds the disk by its serial number, and a disk that it may only read', () => {
    expect(lines('serial')).toEqual(['serial guestscope-0']);
    expect(lines('read-only')).toEqual([`read-only 1 ${MARK}`]);
    expect(lines('refused')).toEqual(['refused']);
  });

  test('makes a file system, and reads back what it wrote: mounted again, and after the device was offline', () => {
    expect(lines('mounted')).toEqual(['mounted']);
    const sums = here.filter((l) => /^[0-9a-f]{32} /.test(l));
    expect(sums).toHaveLength(3);
    expect(new Set(sums).size).toBe(1);
    expect(Buffer.from(disk.bytes.subarray(1024 + 56, 1024 + 58)).toString('hex')).toBe('53ef');
  });

  test('has random numbers', () => {
    expect(lines('source')).toEqual(['source virtio_rng.0']);
  });

  test('reaches its peer on the wire', () => {
    expect(lines('2 packets')).toEqual(['2 packets transmitted, 2 packets received, 0% packet loss']);
  });

  test('speaks on the console device, and hears what is typed there', () => {
    expect(hvc.split('\r\n')).toContain('hello hvc');
    expect(lines('typed')).toEqual(['typed from outside']);
  });

  test('hears of a device that is plugged in and out by channel reports', () => {
    expect(lines('plugged')).toEqual(['plugged 8 fresh']);
    expect(lines('0.0.0001')).toEqual(['0.0.0001 0.0.0002 0.0.0003 0.0.0004 0.0.0005']);
    expect(lines('interrupts')).toEqual(['interrupts CIO: 1', 'interrupts VAI: 1', 'interrupts NMI: 1']);
  });

  test('sees its devices as it does under QEMU', () => {
    expect(lines('fact')).toHaveLength(23);
    expect(lines('fact')).toEqual(startingWith(qemu, 'fact'));
  });
}

function underQemu(images: LinuxImages): Promise<string> {
  const devices = [
    ...['-drive', 'if=none,id=d,format=raw,file=@disk', '-device', 'virtio-blk-ccw,drive=d,devno=fe.0.0001'],
    ...['-device', 'virtio-rng-ccw,devno=fe.0.0002', '-device', 'virtio-serial-ccw,devno=fe.0.0003'],
    ...['-netdev', 'user,id=n', '-device', 'virtio-net-ccw,netdev=n,mac=02:00:00:00:00:01,devno=fe.0.0004'],
    ...[
      '-drive',
      'if=none,id=e,format=raw,readonly=on,file=@other',
      '-device',
      'virtio-blk-ccw,drive=e,devno=fe.0.0005',
    ],
  ];
  return linuxUnderQemu(images, { devices, files: { disk: new Uint8Array(8 * MIB), other: new Uint8Array(MIB) } });
}
