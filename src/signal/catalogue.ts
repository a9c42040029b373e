/**
 * The signal catalogue: one place for names, units, codes, limits and validity of everything that has a value. Units
 * are UCUM, codes LOINC and IEEE 11073-10101 (MDC). Three limits per signal (rule N2): the impossible never reaches a
 * score, the implausible is flagged, alert limits are rules of their own (src/alert).
 *
 * Sources. LOINC: the FHIR R4 vital signs profiles for 8867-4, 9279-1, 8310-5, 8480-6, 8462-4, 8478-0 and 59408-5 (by
 * pulse oximetry); 8889-8 heart rate by pulse oximetry; 61006-3 perfusion index of tissue by pulse oximetry; 55423-8 steps
 * in unspecified time by pedometer; 99504-3 glucose in interstitial fluid, mass per volume; 67775-7 level of
 * responsiveness. MDC: the nomenclature of ISO/IEEE 11073-10101 and of the device specialisations 10404 (pulse oximeter),
 * 10407 (blood pressure), 10408 (temperature) and 10425 (glucose monitor). Null: no code says just this.
 *
 * Possible ranges are what displays and sensors of the kind can show; plausible ranges what a living patient has been
 * seen with. Both are choices of this project. Validity: continuous signals a few of their averaging times; spot values
 * the longest routine interval of observations by NEWS2 on a ward (4 to 6 h), the shorter end.
 */
export const vitalNames = [
  'heart-rate',
  'pulse-rate',
  'spo2',
  'respiratory-rate',
  'temperature',
  'nibp-systolic',
  'nibp-diastolic',
  'nibp-mean',
  'perfusion-index',
  'steps',
  'glucose',
  'consciousness',
  'supplemental-oxygen',
  'battery',
] as const
export type VitalName = (typeof vitalNames)[number]

/** What chains measure beside the vital signs: kept and shown with its evidence, no input of scores and limit rules. */
export const intervalNames = [
  'pr-interval',
  'qrs-duration',
  'qt-interval',
  'qtc-interval',
  'st-level',
  'st-slope',
  'hrv-sdnn',
  'hrv-rmssd',
  'hrv-pnn50',
  'hrv-sd1',
  'hrv-sd2',
  'hrv-lf',
  'hrv-hf',
  'hrv-lf-hf',
  'hrv-sample-entropy',
  'hrv-dfa-alpha1',
] as const
export type IntervalName = (typeof intervalNames)[number]
export type MeasurementName = VitalName | IntervalName

export interface CatalogueEntry {
  readonly name: MeasurementName
  readonly display: string
  readonly unit: string
  readonly loinc: string | null
  readonly mdc: string | null
  /** Outside: refused as impossible. Inclusive, in `unit`. Null for coded values. */
  readonly possible: readonly [number, number] | null
  /** Outside: flagged `questionable`. Inclusive. */
  readonly plausible: readonly [number, number] | null
  /** A value older than this is stale. Continuous signals seconds, spot values minutes to hours. */
  readonly validitySeconds: number
}

const hour = 3600

export const catalogue: Readonly<Record<MeasurementName, CatalogueEntry>> = {
  'heart-rate': {
    name: 'heart-rate',
    display: 'Heart rate',
    unit: '/min',
    loinc: '8867-4',
    mdc: 'MDC_ECG_HEART_RATE',
    possible: [0, 350],
    plausible: [20, 300],
    validitySeconds: 15,
  },
  'pulse-rate': {
    name: 'pulse-rate',
    display: 'Pulse rate',
    unit: '/min',
    loinc: '8889-8',
    mdc: 'MDC_PULS_OXIM_PULS_RATE',
    possible: [0, 350],
    plausible: [20, 300],
    validitySeconds: 15,
  },
  spo2: {
    name: 'spo2',
    display: 'Oxygen saturation',
    unit: '%',
    loinc: '59408-5',
    mdc: 'MDC_PULS_OXIM_SAT_O2',
    possible: [1, 100],
    plausible: [40, 100],
    validitySeconds: 30,
  },
  'respiratory-rate': {
    name: 'respiratory-rate',
    display: 'Respiratory rate',
    unit: '/min',
    loinc: '9279-1',
    mdc: 'MDC_RESP_RATE',
    possible: [0, 150],
    plausible: [3, 80],
    validitySeconds: 60,
  },
  temperature: {
    name: 'temperature',
    display: 'Temperature',
    unit: 'Cel',
    loinc: '8310-5',
    mdc: 'MDC_TEMP_BODY',
    possible: [10, 50],
    plausible: [30, 43],
    validitySeconds: 4 * hour,
  },
  'nibp-systolic': {
    name: 'nibp-systolic',
    display: 'Systolic pressure',
    unit: 'mm[Hg]',
    loinc: '8480-6',
    mdc: 'MDC_PRESS_BLD_NONINV_SYS',
    possible: [20, 350],
    plausible: [50, 280],
    validitySeconds: 4 * hour,
  },
  'nibp-diastolic': {
    name: 'nibp-diastolic',
    display: 'Diastolic pressure',
    unit: 'mm[Hg]',
    loinc: '8462-4',
    mdc: 'MDC_PRESS_BLD_NONINV_DIA',
    possible: [5, 250],
    plausible: [20, 180],
    validitySeconds: 4 * hour,
  },
  'nibp-mean': {
    name: 'nibp-mean',
    display: 'Mean pressure',
    unit: 'mm[Hg]',
    loinc: '8478-0',
    mdc: 'MDC_PRESS_BLD_NONINV_MEAN',
    possible: [10, 300],
    plausible: [30, 220],
    validitySeconds: 4 * hour,
  },
  'perfusion-index': {
    name: 'perfusion-index',
    display: 'Perfusion index',
    unit: '%',
    loinc: '61006-3',
    mdc: 'MDC_PULS_OXIM_PERF_REL',
    possible: [0, 100],
    plausible: [0.02, 30],
    validitySeconds: 30,
  },
  steps: {
    name: 'steps',
    display: 'Steps',
    unit: '{count}',
    loinc: '55423-8',
    mdc: null,
    possible: [0, 1e9],
    plausible: [0, 1e7],
    validitySeconds: 24 * hour,
  },
  glucose: {
    name: 'glucose',
    display: 'Glucose',
    unit: 'mg/dL',
    loinc: '99504-3',
    mdc: 'MDC_CONC_GLU_ISF',
    possible: [10, 1500],
    plausible: [20, 600],
    validitySeconds: 15 * 60,
  },
  consciousness: {
    name: 'consciousness',
    display: 'Consciousness (ACVPU)',
    unit: '1',
    loinc: '67775-7',
    mdc: null,
    possible: null,
    plausible: null,
    validitySeconds: 4 * hour,
  },
  'supplemental-oxygen': {
    name: 'supplemental-oxygen',
    display: 'Supplemental oxygen',
    unit: '1',
    loinc: null,
    mdc: null,
    possible: null,
    plausible: null,
    validitySeconds: 4 * hour,
  },
  battery: {
    name: 'battery',
    display: 'Battery',
    unit: '%',
    loinc: null,
    mdc: 'MDC_ATTR_VAL_BATT_CHARGE',
    possible: [0, 100],
    plausible: [0, 100],
    validitySeconds: 10 * 60,
  },
  'pr-interval': {
    name: 'pr-interval',
    display: 'PR interval',
    unit: 'ms',
    loinc: '8625-6',
    mdc: 'MDC_ECG_TIME_PD_PQ',
    possible: [0, 1000],
    plausible: [80, 400],
    validitySeconds: 60,
  },
  'qrs-duration': {
    name: 'qrs-duration',
    display: 'QRS duration',
    unit: 'ms',
    loinc: '8633-0',
    mdc: 'MDC_ECG_TIME_PD_QRS',
    possible: [0, 500],
    plausible: [50, 250],
    validitySeconds: 60,
  },
  'qt-interval': {
    name: 'qt-interval',
    display: 'QT interval',
    unit: 'ms',
    loinc: '8634-8',
    mdc: 'MDC_ECG_TIME_PD_QT_GL',
    possible: [0, 1500],
    plausible: [200, 800],
    validitySeconds: 60,
  },
  'qtc-interval': {
    name: 'qtc-interval',
    display: 'QT interval, corrected for rate',
    unit: 'ms',
    loinc: '8636-3',
    mdc: 'MDC_ECG_TIME_PD_QTc',
    possible: [0, 1500],
    plausible: [250, 750],
    validitySeconds: 60,
  },
  'st-level': {
    name: 'st-level',
    display: 'ST level',
    unit: 'mV',
    loinc: null,
    mdc: 'MDC_ECG_AMPL_ST',
    possible: [-10, 10],
    plausible: [-2, 2],
    validitySeconds: 60,
  },
  'st-slope': {
    name: 'st-slope',
    display: 'ST slope',
    unit: 'mV/s',
    loinc: null,
    mdc: null,
    possible: [-200, 200],
    plausible: [-20, 20],
    validitySeconds: 60,
  },
  'hrv-sdnn': {
    name: 'hrv-sdnn',
    display: 'SDNN',
    unit: 'ms',
    loinc: '80404-7',
    mdc: null,
    possible: [0, 2000],
    plausible: [1, 500],
    validitySeconds: 600,
  },
  'hrv-rmssd': {
    name: 'hrv-rmssd',
    display: 'RMSSD',
    unit: 'ms',
    loinc: null,
    mdc: null,
    possible: [0, 2000],
    plausible: [1, 500],
    validitySeconds: 600,
  },
  'hrv-pnn50': {
    name: 'hrv-pnn50',
    display: 'pNN50',
    unit: '%',
    loinc: null,
    mdc: null,
    possible: [0, 100],
    plausible: [0, 100],
    validitySeconds: 600,
  },
  'hrv-sd1': {
    name: 'hrv-sd1',
    display: 'Poincare SD1',
    unit: 'ms',
    loinc: null,
    mdc: null,
    possible: [0, 2000],
    plausible: [1, 500],
    validitySeconds: 600,
  },
  'hrv-sd2': {
    name: 'hrv-sd2',
    display: 'Poincare SD2',
    unit: 'ms',
    loinc: null,
    mdc: null,
    possible: [0, 2000],
    plausible: [1, 1000],
    validitySeconds: 600,
  },
  'hrv-lf': {
    name: 'hrv-lf',
    display: 'HRV power 0.04 to 0.15 Hz',
    unit: 'ms2',
    loinc: null,
    mdc: null,
    possible: [0, 1e7],
    plausible: [0, 100000],
    validitySeconds: 600,
  },
  'hrv-hf': {
    name: 'hrv-hf',
    display: 'HRV power 0.15 to 0.40 Hz',
    unit: 'ms2',
    loinc: null,
    mdc: null,
    possible: [0, 1e7],
    plausible: [0, 100000],
    validitySeconds: 600,
  },
  'hrv-lf-hf': {
    name: 'hrv-lf-hf',
    display: 'HRV power ratio LF/HF',
    unit: '1',
    loinc: null,
    mdc: null,
    possible: [0, 1e6],
    plausible: [0, 100],
    validitySeconds: 600,
  },
  'hrv-sample-entropy': {
    name: 'hrv-sample-entropy',
    display: 'Sample entropy of NN intervals',
    unit: '1',
    loinc: null,
    mdc: null,
    possible: [0, 20],
    plausible: [0, 5],
    validitySeconds: 600,
  },
  'hrv-dfa-alpha1': {
    name: 'hrv-dfa-alpha1',
    display: 'DFA scaling exponent, 4 to 16 beats',
    unit: '1',
    loinc: null,
    mdc: null,
    possible: [-5, 5],
    plausible: [0, 2.5],
    validitySeconds: 600,
  },
}

const vitalNameSet: ReadonlySet<string> = new Set(vitalNames)

export function isVitalName(name: string): name is VitalName {
  return vitalNameSet.has(name)
}
