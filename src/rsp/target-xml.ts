import type { FeatureType, RegisterFeature, RegisterRow, TargetDescription } from '../machine/description.ts';
import type { VcpuView } from '../machine/guest.ts';
import { formatThread } from './threads.ts';

/** The target description document (gdb doc, "Target Description Format"). Registers get their numbers from their order. */
export function targetXml(description: TargetDescription): string {
  return [
    '<?xml version="1.0"?>',
    '<!DOCTYPE target SYSTEM "gdb-target.dtd">',
    '<target version="1.0">',
    `<architecture>${escapeXml(description.architecture)}</architecture>`,
    `<osabi>${escapeXml(description.osabi)}</osabi>`,
    ...description.features.map(featureXml),
    '</target>',
    '',
  ].join('\n');
}

function featureXml(feature: RegisterFeature): string {
  const lines = [...(feature.types ?? []).map(typeXml), ...feature.registers.map(registerXml)];
  return [`<feature name="${escapeXml(feature.name)}">`, ...lines.map((line) => `  ${line}`), '</feature>'].join('\n');
}

function typeXml(type: FeatureType): string {
  const id = escapeXml(type.id);
  switch (type.kind) {
    case 'flags': {
      const fields = type.fields.map((f) => `<field name="${escapeXml(f.name)}" start="${f.start}" end="${f.end}"/>`);
      return `<flags id="${id}" size="${type.bytes}">${fields.join('')}</flags>`;
    }
    case 'vector':
      return `<vector id="${id}" type="${escapeXml(type.element)}" count="${type.count}"/>`;
    case 'union': {
      const fields = type.fields.map((f) => `<field name="${escapeXml(f.name)}" type="${escapeXml(f.type)}"/>`);
      return `<union id="${id}">${fields.join('')}</union>`;
    }
  }
}

function registerXml(row: RegisterRow): string {
  const group = row.group === undefined ? '' : ` group="${escapeXml(row.group)}"`;
  const saveRestore = row.saveRestore === false ? ' save-restore="no"' : '';
  const name = escapeXml(row.name);
  return `<reg name="${name}" bitsize="${row.bits}" type="${escapeXml(row.type)}"${group}${saveRestore}/>`;
}

/** The list of vCPUs (gdb doc, "Thread List Format"); the state in words is the element's text. */
export function threadsXml(vcpus: readonly VcpuView[], multiprocess: boolean): string {
  const threads = vcpus.map((vcpu) => {
    const attributes = `id="${formatThread(vcpu.id, multiprocess)}" core="${vcpu.id}" name="${escapeXml(vcpu.name)}"`;
    return `<thread ${attributes}>${escapeXml(vcpu.state)}</thread>`;
  });
  return ['<?xml version="1.0"?>', '<threads>', ...threads, '</threads>', ''].join('\n');
}

/** Text as it stands in an attribute or element. */
export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
