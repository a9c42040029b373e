/**
 * Why a message, or a part of one, was not taken: the closed list of the protocol. `docs/protocol.md` has the same table;
 * a test compares the two. `messages` refuse a whole message, `records` one record of a pack that is otherwise accepted.
 */
export const chunkReasons = {
  magic: 'does not begin with VW',
  short: 'shorter than the header of 40 bytes',
  version: 'version other than 1',
  flags: 'unknown flag bits are set',
  reserved: 'bytes 34 and 35 are not 0',
  'unknown-boot': 'a boot older than the three that are kept, or one that was never born here',
  'unknown-stream': 'the birth of this boot has no such stream',
  channels: 'channel count differs from the birth',
  codec: 'codec differs from the birth (0 and 1 may alternate)',
  empty: 'no samples and not the last chunk',
  'too-many-samples': 'more than 32,768 samples over all channels',
  'too-long': 'payload longer than 65,536 bytes',
  size: 'payload size does not fit the codec and the sample count',
  'pace-marks': 'pace marks that are no ascending places among the samples',
  range: 'index + n or t0 above 2^53 - 1',
  crc: 'CRC32C differs',
  'json-syntax': 'not JSON',
  'json-shape': 'JSON chunk with a member that is missing, unknown or of the wrong kind',
} as const
export type ChunkReason = keyof typeof chunkReasons

export const orderReasons = {
  'no-birth': 'no birth came within 10 minutes, or more than 16 MiB waited for it (32 MiB over all devices of a partition)',
  'index-backwards': 'a new seq whose index is below what was released',
  'index-jump': 'an index more than 2^40 samples ahead',
  'seq-conflict': 'a seq that was seen with other content, or that cannot stand where it says',
  'after-last': 'a chunk, pack or event behind the one that was marked last',
} as const
export type OrderReason = keyof typeof orderReasons

export const birthReasons = {
  'birth-syntax': 'neither JSON nor CBOR, or longer than 256 KiB',
  'birth-shape': 'a field of the birth is missing, unknown or not accepted (the detail names it)',
  'birth-lower-boot': 'a boot below the one that is current',
  'birth-differs': 'another birth under the same boot',
} as const
export type BirthReason = keyof typeof birthReasons

export const packReasons = {
  'pack-syntax': 'neither JSON nor CBOR, or longer than 256 KiB',
  'pack-senml': 'not SenML (RFC 8428): a field that is unknown, missing or of the wrong kind',
  'pack-identity': 'the first record is not {"n": "pack", "vs": "<boot>:<seq>"}',
  'pack-undeclared': 'the birth of this boot declares no numerics',
  'pack-clock': 'times that cannot be placed on the device clock',
} as const
export type PackReason = keyof typeof packReasons

export const messageReasons = {
  'event-syntax': 'neither JSON nor CBOR, or longer than 256 KiB',
  'event-shape': 'a device event with a field that is missing, unknown or not accepted',
  'state-syntax': 'neither JSON nor CBOR, or longer than 256 KiB',
  'state-shape': 'a state message with a field that is missing, unknown or not accepted',
} as const
export type MessageReason = keyof typeof messageReasons

export const recordReasons = {
  'unknown-name': 'a name that the signal catalogue does not have',
  'unknown-unit': 'a unit that is not known for this signal',
  'wrong-value': 'a value of the wrong kind for this signal',
  impossible: 'outside the possible range of the catalogue',
  'pressure-order': 'not systolic >= mean >= diastolic',
  'time-future': 'a time in the future of the source',
  'time-order': 'a time before that of the pack before',
  'counter-backwards': 'a counter that went down within a boot',
} as const
export type RecordReason = keyof typeof recordReasons

export const refusalReasons = { ...chunkReasons, ...orderReasons, ...birthReasons, ...packReasons, ...messageReasons } as const
export type RefusalReason = keyof typeof refusalReasons
