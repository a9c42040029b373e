import { copyState, restoreState } from '../dsp/state.js'
import type { QualityReason } from '../signal/observation.js'
import type { StageState } from '../signal/stage.js'

/** A beat of the chosen series. */
export interface ChosenBeat {
  readonly index: number
  readonly decided: number
  readonly channel: number
  /** The R peak lies this fraction of a sample after `index`. */
  readonly fraction: number
  /** Of the QRS complex, peak to peak, in units of the stream. */
  readonly height: number
  readonly likeness: number
  readonly searchedBack: boolean
}

interface LeadRecord {
  /** Smoothed quality, */
  smooth: number
  /** and smoothed likeness of the beats in usable seconds to the ones before: what the choice goes by. */
  likeness: number
  quality: number
  reason: QualityReason
  /** Seconds without usable signal, one after the other, to the newest. */
  poorSeconds: number
  /** First sample of the stretch of usable signal that goes on, or -1. */
  usableSince: number
  /** The detector knows what a beat looks like, or that there is none: silence means something. */
  sure: boolean
  beats: number
  /** The last two. */
  lastBeat: number
  before: number
  /** Beats since the last one of the chosen series: a switch of leads takes them over, so none is lost. */
  recent: ChosenBeat[]
}

interface WaitingBeat {
  readonly beat: ChosenBeat
  sure: boolean
}

interface ChoiceState {
  chosen: number
  /** Of the last beat of the series; -1: there was none. */
  lastIndex: number
  lastChannel: number
  /** Beats of the chosen lead that wait for another lead's word, or for one before them that does. */
  waiting: WaitingBeat[]
  leads: LeadRecord[]
}

/** Quality from which a lead is usable: below, nothing physiological is concluded. */
export const usableQuality = 0.5
/** A lead replaces the chosen one when its merit is greater by this much, */
const betterBy = 0.25
/** or by this much when the chosen one is not usable. */
const betterWhenPoor = 0.05
/** After so many seconds without usable signal the chosen lead gives way to a usable one, whatever their merits, that is as good as this. */
const mostPoorSeconds = 2
const steadyQuality = 0.6
/** Share of the newest second in the smoothed quality, and of the newest beat in the smoothed likeness. */
const newestShare = 0.4
const newestBeatShare = 0.02
/** Merit is smoothed quality plus this many times smoothed likeness: a lead whose beats are alike errs less. */
const likenessGain = 4
/** Beats of two leads closer than this are one beat. */
const sameBeatSeconds = 0.2
/** Beats older than this are not taken over. */
const takeOverSeconds = 3
/** A beat less alike than this is doubted while another lead of at least this quality, which has seen some beats, sees none. */
const doubtfulLikeness = 0.8
const witnessQuality = 0.8
const witnessBeats = 8
/** So near to a beat of the other lead it is confirmed, and so long after its R peak it is given up. */
const confirmSeconds = 0.15
const doubtSeconds = 0.5
/** A detector that ponders half a second over a beat leaves the others no time to speak: at least this long after it has spoken. */
const hearSeconds = 0.1

/**
 * One beat series from several leads: the lead of best quality, with hysteresis. A lead that sees nothing while another
 * usable lead sees three beats in a row loses its place too, and so does one whose signal cannot be used while another's can (an axis that turned, a lead that came off quietly). A beat unlike the others that
 * a good second lead does not see is not taken: it waits for half a second, or for a tenth after it was found.
 */
export class LeadChoice {
  private readonly state: ChoiceState
  private readonly sameBeat: number
  private readonly takeOver: number
  private readonly confirm: number
  private readonly doubt: number
  private readonly hear: number

  constructor(
    private readonly leadCount: number,
    fsHz: number,
  ) {
    this.sameBeat = Math.ceil(sameBeatSeconds * fsHz)
    this.takeOver = Math.ceil(takeOverSeconds * fsHz)
    this.confirm = Math.ceil(confirmSeconds * fsHz)
    this.doubt = Math.ceil(doubtSeconds * fsHz)
    this.hear = Math.ceil(hearSeconds * fsHz)
    this.state = newState(leadCount)
  }

  get chosen(): number {
    return this.state.chosen
  }

  get quality(): number {
    return (this.state.leads[this.state.chosen] as LeadRecord).quality
  }

  get reason(): QualityReason {
    return (this.state.leads[this.state.chosen] as LeadRecord).reason
  }

  /**
   * First sample since which some lead is measurable, or -1. Leads that never showed a beat count only if none did, and
   * one whose detector is still learning does not count.
   */
  get measurableSince(): number {
    const anyBeats = this.state.leads.some(lead => lead.beats > 0)
    let since = -1
    for (const lead of this.state.leads) {
      if (lead.usableSince < 0 || !lead.sure || (anyBeats && lead.beats === 0)) continue
      if (since < 0 || lead.usableSince < since) since = lead.usableSince
    }
    return since
  }

  /** A beat of that lead speaks against asystole unless the lead is known to be poor. */
  counts(channel: number): boolean {
    const lead = this.state.leads[channel] as LeadRecord
    return lead.usableSince >= 0 || lead.beats < 3
  }

  beat(beat: ChosenBeat, emit: (beat: ChosenBeat) => void): void {
    const { state } = this
    for (const one of state.waiting) {
      if (one.beat.channel !== beat.channel && Math.abs(beat.index - one.beat.index) <= this.confirm) one.sure = true
    }
    this.settle(beat.decided, emit)
    const lead = state.leads[beat.channel] as LeadRecord
    lead.beats += 1
    if (lead.quality >= usableQuality) {
      // The first beats found the templates: the mean of what there is until there is enough.
      const share = Math.max(newestBeatShare, 1 / lead.beats)
      lead.likeness += share * (beat.likeness - lead.likeness)
    }
    lead.before = lead.lastBeat
    lead.lastBeat = beat.index
    if (beat.channel === state.chosen) {
      state.waiting.push({ beat, sure: !this.isDoubtful(beat) })
      this.settle(beat.decided, emit)
      return
    }
    lead.recent.push(beat)
    while (lead.recent.length > 0 && (lead.recent[0] as ChosenBeat).index < beat.index - this.takeOver) lead.recent.shift()
    const fresh = lead.recent.filter(({ index }) => index > state.lastIndex + this.sameBeat)
    if (fresh.length >= 3 && lead.usableSince >= 0 && lead.quality >= usableQuality) this.switchTo(beat.channel, beat.decided, emit)
  }

  second(
    second: { channel: number; from: number; decided: number; quality: number; reason: QualityReason },
    emit: (beat: ChosenBeat) => void,
  ): void {
    const { state } = this
    this.settle(second.decided, emit)
    const lead = state.leads[second.channel] as LeadRecord
    lead.quality = second.quality
    lead.reason = second.reason
    lead.smooth += newestShare * (second.quality - lead.smooth)
    lead.poorSeconds = second.quality < usableQuality ? lead.poorSeconds + 1 : 0
    if (second.quality < usableQuality) lead.usableSince = -1
    else if (lead.usableSince < 0) lead.usableSince = second.from
    if (second.channel !== this.leadCount - 1) return
    const current = state.leads[state.chosen] as LeadRecord
    if (current.poorSeconds >= mostPoorSeconds) {
      const steady = this.best(lead => lead.usableSince >= 0 && lead.smooth >= steadyQuality)
      if (steady >= 0) {
        this.switchTo(steady, second.decided, emit)
        return
      }
    }
    const best = this.best()
    const margin = current.smooth < usableQuality || current.quality === 0 ? betterWhenPoor : betterBy
    if (merit(state.leads[best] as LeadRecord) > merit(current) + margin) this.switchTo(best, second.decided, emit)
  }

  /** Whether that lead's silence means something from now on. */
  trust(channel: number, sure: boolean): void {
    ;(this.state.leads[channel] as LeadRecord).sure = sure
  }

  gap(channel: number): void {
    const lead = this.state.leads[channel] as LeadRecord
    lead.usableSince = -1
    lead.quality = 0
    lead.reason = 'missing'
  }

  restart(): void {
    restoreState(this.state, newState(this.leadCount))
  }

  save(): StageState {
    return copyState(this.state)
  }

  load(saved: StageState): void {
    restoreState(this.state, saved)
  }

  /** The lead of greatest merit, the chosen one among equals, of those that are accepted; -1: none is. */
  private best(accepted: (lead: LeadRecord) => boolean = () => true): number {
    const { leads, chosen } = this.state
    let best = accepted(leads[chosen] as LeadRecord) ? chosen : -1
    for (const [channel, lead] of leads.entries()) {
      if (accepted(lead) && (best < 0 || merit(lead) > merit(leads[best] as LeadRecord))) best = channel
    }
    return best
  }

  private take(beat: ChosenBeat, emit: (beat: ChosenBeat) => void): void {
    const { state } = this
    // A lead places the same R peak elsewhere than another by some ten milliseconds, at most by this.
    const apart = beat.channel === state.lastChannel ? this.sameBeat / 2 : this.sameBeat
    if (state.lastIndex >= 0 && beat.index - state.lastIndex < apart) return
    state.lastIndex = beat.index
    state.lastChannel = beat.channel
    // What the other leads saw of this beat and before is done with.
    for (const lead of state.leads) {
      lead.recent = lead.recent.filter(({ index }) => index > beat.index + this.sameBeat)
    }
    emit(beat)
  }

  /** A good lead beside the chosen one ought to have seen this beat and has not. */
  private isDoubtful(beat: ChosenBeat): boolean {
    return (
      beat.likeness < doubtfulLikeness &&
      this.state.leads.some((lead, channel) => channel !== beat.channel && this.deniesBeat(lead, beat.index))
    )
  }

  private deniesBeat(lead: LeadRecord, index: number): boolean {
    if (lead.quality < witnessQuality || !lead.sure || lead.beats < witnessBeats) return false
    return Math.abs(lead.lastBeat - index) > this.confirm && Math.abs(lead.before - index) > this.confirm
  }

  /**
   * Takes waiting beats in their order: sure ones, those that another lead has seen too, and those that it can no longer deny. A
   * doubted one is dropped when its time is over; until then it holds up what comes after it, so that none overtakes it.
   */
  private settle(decided: number, emit: (beat: ChosenBeat) => void): void {
    const { state } = this
    while (state.waiting.length > 0) {
      const { beat, sure } = state.waiting[0] as WaitingBeat
      const denied = !sure && state.leads.some((lead, channel) => channel !== beat.channel && this.deniesBeat(lead, beat.index))
      if (denied && decided < Math.max(beat.index + this.doubt, beat.decided + this.hear)) return
      state.waiting.shift()
      if (!denied) this.take({ ...beat, decided }, emit)
    }
  }

  private switchTo(channel: number, decided: number, emit: (beat: ChosenBeat) => void): void {
    const { state } = this
    for (const { beat, sure } of state.waiting) if (sure) this.take({ ...beat, decided }, emit)
    state.waiting = []
    const lead = state.leads[channel] as LeadRecord
    const pending = lead.recent
    lead.recent = []
    for (const beat of pending) if (beat.index > state.lastIndex + this.sameBeat) this.take({ ...beat, decided }, emit)
    state.chosen = channel
  }
}

function merit({ smooth, likeness }: LeadRecord): number {
  return smooth + likenessGain * likeness
}

function newState(leadCount: number): ChoiceState {
  return {
    chosen: 0,
    lastIndex: -1,
    lastChannel: -1,
    waiting: [],
    leads: Array.from({ length: leadCount }, () => ({
      smooth: 0.7,
      likeness: 0.9,
      quality: 0.7,
      reason: 'good' as QualityReason,
      poorSeconds: 0,
      usableSince: -1,
      sure: true,
      beats: 0,
      lastBeat: -1,
      before: -1,
      recent: [],
    })),
  }
}
