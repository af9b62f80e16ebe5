import { args, hexCount, hexName, map, type Parser, rest } from '../args.ts';
import { type PacketRow, packet } from '../packet.ts';
import { binaryReply, type Reply, text } from '../reply.ts';
import { selector } from '../threads.ts';
import { type FileResult, fileErrno } from '../vfile.ts';

const name: Parser<string> = map(hexName, (bytes) => Buffer.from(bytes).toString('utf8'));

function failed(errno: number): Reply {
  return text(`F-1,${errno.toString(16)}`);
}

function numberReply(result: FileResult<number>): Reply {
  return result.ok ? text(`F${result.value.toString(16)}`) : failed(result.error);
}

function dataReply(result: FileResult<Uint8Array>): Reply {
  if (!result.ok) return failed(result.error);
  return binaryReply(`F${result.value.length.toString(16)};`, result.value);
}

/** Files that the server makes up, read-only. */
export const filePackets: readonly PacketRow[] = [
  packet(
    'vFile:setfs',
    { args: args(':', selector), doc: 'vFile:setfs:pid: whose file system is meant; there is one', anytime: true },
    () => text('F0'),
  ),
  packet(
    'vFile:open',
    {
      args: args(':', name, ',', hexCount, ',', hexCount),
      doc: 'vFile:open:name,flags,mode: open a file that the server named',
      anytime: true,
    },
    ({ files }, [path, flags]) => numberReply(files.open(path, flags)),
  ),
  packet(
    'vFile:close',
    { args: args(':', hexCount), doc: 'vFile:close:fd: close a file', anytime: true },
    ({ files }, [fd]) => numberReply(files.close(fd)),
  ),
  packet(
    'vFile:pread',
    {
      args: args(':', hexCount, ',', hexCount, ',', hexCount),
      doc: 'vFile:pread:fd,count,offset: read',
      anytime: true,
    },
    ({ files }, [fd, count, offset]) => dataReply(files.pread(fd, count, offset)),
  ),
  packet(
    'vFile:fstat',
    { args: args(':', hexCount), doc: 'vFile:fstat:fd: size and mode of an open file', anytime: true },
    ({ files }, [fd]) => dataReply(files.fstat(fd)),
  ),
  packet(
    'vFile:stat',
    { args: args(':', name), doc: 'vFile:stat:name: size and mode of a file', anytime: true },
    ({ files }, [path]) => dataReply(files.stat(path)),
  ),
  packet(
    'vFile:readlink',
    { args: args(':', name), doc: 'vFile:readlink:name: no file is a link', anytime: true },
    ({ files }, [path]) => dataReply(files.readlink(path)),
  ),
  packet(
    'vFile:pwrite',
    {
      args: args(':', hexCount, ',', hexCount, ',', rest),
      doc: 'vFile:pwrite:fd,offset,data: refused, files are read-only',
      binary: true,
      anytime: true,
    },
    () => failed(fileErrno.EROFS),
  ),
  packet(
    'vFile:unlink',
    { args: args(':', name), doc: 'vFile:unlink:name: refused, files are read-only', anytime: true },
    () => failed(fileErrno.EROFS),
  ),
];
