/**
 * The classes of EC57: N normal (and bundle branch block), S supraventricular ectopic (escape beats too), V ventricular
 * ectopic, F fusion of ventricular and normal, Q paced or not classifiable.
 */
export type BeatClass = 'N' | 'S' | 'V' | 'F' | 'Q'

/** What a test beat meets in the reference: a beat, nothing (O), or nothing in a stretch that the reference calls unreadable (X). */
export type ReferenceClass = BeatClass | 'O' | 'X'

/** What a reference beat meets in the test: a beat, nothing (o), or nothing while the test annotator had shut down (x). */
export type TestClass = 'n' | 's' | 'v' | 'f' | 'q' | 'o' | 'x'

export const beatClasses: readonly BeatClass[] = ['N', 'S', 'V', 'F', 'Q']
export const referenceClasses: readonly ReferenceClass[] = [...beatClasses, 'O', 'X']
export const testClasses: readonly TestClass[] = ['n', 's', 'v', 'f', 'q', 'o', 'x']

/** Symbols of each class, as WFDB prints its annotation codes. */
const symbolsOf: Readonly<Record<BeatClass, string>> = {
  N: 'NLRB',
  S: 'AaJSejn',
  V: 'VrE!',
  F: 'F',
  Q: '/fQ?',
}

const classOf = new Map(beatClasses.flatMap(beatClass => [...symbolsOf[beatClass]].map(symbol => [symbol, beatClass] as const)))

/** Class of a beat annotation; undefined for everything that is no beat. */
export function beatClass(symbol: string): BeatClass | undefined {
  return classOf.get(symbol)
}

/** The same class written as the test's: `V` is `v`. */
export function asTestClass(reference: BeatClass): TestClass {
  return reference.toLowerCase() as TestClass
}
