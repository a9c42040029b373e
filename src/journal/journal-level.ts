/**
 * What an acknowledged message survives. `process`: it is with the operating system, and survives every end of the engine;
 * a loss of power or a crash of the system takes what was not on the disk yet. `power`: it is on the disk.
 */
export type JournalLevel = 'process' | 'power'
