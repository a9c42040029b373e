/**
 * EDF has no code for a missing sample. Files that we write have the lowest code of the width, which their digital range leaves
 * out, and for every such stretch an annotation; `@@` ties it to a signal, as EDF+ has it.
 */
export function missingText(label: string): string {
  return `missing@@${label}`
}

/** Label of the signal that an annotation says has missing samples; null: it says something else. */
export function missingLabel(text: string): string | null {
  return text.startsWith('missing@@') ? text.slice('missing@@'.length) : null
}
