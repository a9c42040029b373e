/** Whole leads in memory; `end` moves with the decisions. NaN: missing. */
export class ArrayView {
    leads;
    fsHz;
    future;
    millivolts;
    reachSeconds = 10;
    end = 0;
    constructor(leads, fsHz, 
    /** Shows what comes after `end` as well, as no chain does. */
    future = false, millivolts = true) {
        this.leads = leads;
        this.fsHz = fsHz;
        this.future = future;
        this.millivolts = millivolts;
    }
    get leadCount() {
        return this.leads.length;
    }
    read(lead, from, into) {
        const samples = this.leads[lead];
        const end = this.future ? samples.length : this.end;
        let present = 0;
        for (let i = 0; i < into.length; i++) {
            const at = from + i;
            into[i] = at >= 0 && at < end ? samples[at] : Number.NaN;
            if (!Number.isNaN(into[i]))
                present++;
        }
        return present;
    }
}
/** Drives an analyser as the chain does: beats when they are confirmed, seconds when they end, wakes before either. */
export function drive(analyser, view, beats, options = {}) {
    const { confirmSeconds = 0.35, quality = () => 1 } = options;
    const { fsHz } = view;
    const out = [];
    const emit = (observation) => {
        out.push(observation);
    };
    const length = view.leads[0].length;
    const steps = beats.map((beat, i) => ({
        at: Math.round((beat.seconds + confirmSeconds) * fsHz),
        beat,
        before: beats[i - 1] ?? null,
    }));
    for (let second = 0; (second + 1) * fsHz <= length; second++)
        steps.push({ at: (second + 1) * fsHz - 1, second });
    steps.sort((a, b) => a.at - b.at);
    let current = analyser;
    const wakeUpTo = (at) => {
        while (current.wakeAt < at) {
            const decided = current.wakeAt;
            view.end = decided + 1;
            current.wake(decided, view, emit);
        }
    };
    for (const step of steps) {
        if (step.at >= length)
            break;
        wakeUpTo(step.at);
        view.end = step.at + 1;
        if ('beat' in step) {
            const place = step.beat.seconds * fsHz;
            const index = Math.round(place);
            const rrSeconds = step.before === null ? null : step.beat.seconds - step.before.seconds;
            current.beat({
                index,
                fraction: place - index,
                lead: 0,
                height: 1,
                likeness: 1,
                rrSeconds: rrSeconds !== null && rrSeconds < 2.5 ? rrSeconds : null,
                quality: 1,
                searchedBack: false,
                beatClass: step.beat.beatClass ?? 'N',
                confidence: 1,
                reasons: [],
            }, step.at, view, emit);
            continue;
        }
        current = options.swap?.(step.second, current) ?? current;
        for (let lead = 0; lead < view.leadCount; lead++) {
            const from = step.second * fsHz;
            current.second({ lead, from, to: from + fsHz, quality: quality(lead, step.second), reason: 'good', chosen: 0 }, step.at, view, emit);
        }
    }
    if (options.open !== true) {
        wakeUpTo(length - 1);
        view.end = length;
        current.end(length - 1, view, emit);
    }
    return out;
}
export function delineationsOf(out) {
    return out.filter(o => o.kind === 'delineation');
}
export function measurementsOf(out, name) {
    return out.filter((o) => o.kind === 'measurement' && o.name === name);
}
