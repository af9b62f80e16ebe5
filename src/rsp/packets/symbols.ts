import type { LoadedImage } from '../../machine/symbols.ts';
import { args, hexAddress, hexBytes, optional } from '../args.ts';
import type { PacketContext } from '../context.ts';
import { imagesXml } from '../images-xml.ts';
import { type PacketRow, packet } from '../packet.ts';
import { documentReply, errorCode, OK, refused, text, UNSUPPORTED } from '../reply.ts';
import { slice } from './slice.ts';

/**
 * The images that the client does not read by itself: it may have the main one already, in its place. Once it got that
 * from here, its symbols say no more of what it has by itself, and the image must stay in the list.
 */
function unread(context: PacketContext): readonly LoadedImage[] {
  const { symbols } = context.target;
  const probed = !context.listedMain && context.probed !== undefined && context.probed === symbols?.probeAddress();
  const hasMain = context.toldMain || probed;
  return (symbols?.images() ?? []).filter((image) => !(image.main && hasMain));
}

/** Where symbols belong. */
export const symbolPackets: readonly PacketRow[] = [
  packet(
    'qOffsets',
    { args: args(), doc: "qOffsets: how far a relocated kernel lies from its file's addresses" },
    ({ target, askedHost }) => {
      // lldb leaves its own file out of the process until it is told where that is; gdb takes it to be where it says, and one
      // that was told something else by its user must not be told otherwise.
      const displacement = target.symbols?.displacement() ?? (askedHost ? 0n : undefined);
      if (displacement === undefined) return UNSUPPORTED;
      const far = displacement.toString(16);
      return text(`Text=${far};Data=${far};Bss=${far}`);
    },
  ),
  packet(
    'qXfer:libraries-svr4:read',
    {
      args: slice,
      doc: 'qXfer:libraries-svr4:read::offset,length: kernel and modules in storage, with the names of their files',
      feature: 'qXfer:libraries-svr4:read+',
    },
    (context, [annex, offset, length]) => {
      // A client that knows of link maps may name one to begin with; there is one list here.
      if (annex !== '' && !annex.includes('=')) return refused('no such annex', errorCode.annex);
      if (offset === 0) {
        const images = unread(context);
        context.imageList = Buffer.from(imagesXml(images));
        context.listedMain ||= images.some((image) => image.main);
      }
      return documentReply(context.imageList, offset, length);
    },
  ),
  packet(
    'qSymbol',
    {
      args: args(':', optional(hexAddress), ':', optional(hexBytes)),
      doc: 'qSymbol:[value]:[name]: the client has symbols; it is asked for one, by which a kernel that it has is recognized',
      anytime: true,
    },
    (context, [value, name]) => {
      const probe = context.target.symbols?.probe;
      if (name !== undefined && name.length > 0) context.probed = value;
      else if (probe !== undefined) return text(`qSymbol:${Buffer.from(probe).toString('hex')}`);
      return OK;
    },
  ),
];
