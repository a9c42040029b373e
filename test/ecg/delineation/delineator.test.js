import { describe, expect, test } from 'vitest';
import { createDelineator } from '../../../src/ecg/delineation/delineator.js';
import { regularBeats, syntheticEcg } from '../../support/synthetic-ecg.js';
import { ArrayView, delineationsOf, drive, measurementsOf } from './drive.js';
/** Of the synthetic beat, ms from its R peak: peaks are the centres of its Gaussians; bounds 2.3 standard deviations out. */
const truth = { pOnset: -211, pPeak: -160, pEnd: -109, qrsOnset: -49, qrsEnd: 53, tPeak: 270, tEnd: 385 };
/** How far the mean may be from there, ms: a Gaussian has no onset, so bounds are a convention. */
const tolerance = { pOnset: 15, pPeak: 5, pEnd: 15, qrsOnset: 10, qrsEnd: 10, tPeak: 6, tEnd: 20 };
const marks = Object.keys(truth);
const beatsOf = (seconds, interval = 0.9) => regularBeats(0.7, interval, seconds).map(at => ({ seconds: at }));
function signal(fs, seconds, more = {}) {
    return syntheticEcg({ fs, seconds, beats: beatsOf(seconds).map(beat => beat.seconds), ...more });
}
function offsets(all, mark, fs, beats) {
    return all.flatMap(item => {
        const beat = beats.find(({ seconds }) => Math.abs(seconds * fs - item.index) < 2);
        const place = item[mark];
        return beat === undefined || place === null ? [] : [(place / fs - beat.seconds) * 1000];
    });
}
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values) => Math.sqrt(mean(values.map(value => (value - mean(values)) ** 2)));
describe('delineation of synthetic beats', () => {
    for (const fs of [128, 250, 360, 500, 1000]) {
        for (const upside of [1, -1]) {
            test(`finds P, QRS and T where they are at ${fs} Hz${upside < 0 ? ', upside down' : ''}`, () => {
                const beats = beatsOf(40);
                const samples = signal(fs, 40).map(value => upside * value);
                const found = delineationsOf(drive(createDelineator({ fsHz: fs, leadCount: 1 }), new ArrayView([samples], fs), beats));
                expect(found.length).toBeGreaterThanOrEqual(beats.length - 1);
                // The first beats stand alone, later ones on their average.
                const settled = found.slice(8, -1);
                for (const mark of marks) {
                    const at = offsets(settled, mark, fs, beats);
                    expect(at.length, `${mark} of all beats`).toBe(settled.length);
                    expect(Math.abs(mean(at) - truth[mark]), `${mark} at ${mean(at)} ms`).toBeLessThanOrEqual(tolerance[mark]);
                    expect(deviation(at), `scatter of ${mark}`).toBeLessThanOrEqual(8);
                }
            });
        }
    }
    test('puts marks at the same times whatever the rate of the stream', () => {
        const at = [250, 360, 500, 1000].map(fs => {
            const beats = beatsOf(40);
            const found = delineationsOf(drive(createDelineator({ fsHz: fs, leadCount: 1 }), new ArrayView([signal(fs, 40, { noise: 0.001 })], fs), beats));
            return marks.map(mark => mean(offsets(found.slice(10, -1), mark, fs, beats)));
        });
        for (const other of at.slice(1)) {
            marks.forEach((mark, i) => {
                expect(Math.abs(other[i] - at[0]?.[i]), `${mark}: ${at.map(x => x[i]?.toFixed(1))}`).toBeLessThanOrEqual(5);
            });
        }
    });
    test('finds an inverted T wave under an upright complex', () => {
        const beats = beatsOf(40);
        const view = new ArrayView([signal(360, 40, { tWave: -0.2 })], 360);
        const found = delineationsOf(drive(createDelineator({ fsHz: 360, leadCount: 1 }), view, beats)).slice(8, -1);
        expect(Math.abs(mean(offsets(found, 'tPeak', 360, beats)) - truth.tPeak)).toBeLessThanOrEqual(8);
        expect(Math.abs(mean(offsets(found, 'tEnd', 360, beats)) - truth.tEnd)).toBeLessThanOrEqual(20);
    });
    test('tells no P wave where there is none', () => {
        const fs = 250;
        const beats = regularBeats(0.7, 0.9, 60).map((seconds, i) => ({ seconds: seconds + 0.13 * Math.sin(7 * i) }));
        const view = new ArrayView([
            withoutP(fs, 60, beats.map(beat => beat.seconds)),
        ], fs);
        const found = delineationsOf(drive(createDelineator({ fsHz: fs, leadCount: 1 }), view, beats)).slice(12);
        const share = found.filter(item => item.pPeak !== null).length / found.length;
        expect(share).toBeLessThanOrEqual(0.15);
        expect(found.every(item => item.qrsOnset !== null)).toBe(true);
    });
    test('gives a ventricular beat no P wave and does not let it into the average of the normal ones', () => {
        const fs = 250;
        const beats = beatsOf(40).map((beat, i) => ({ ...beat, beatClass: i === 20 ? 'V' : 'N' }));
        const found = delineationsOf(drive(createDelineator({ fsHz: fs, leadCount: 1 }), new ArrayView([signal(fs, 40)], fs), beats));
        expect(found[20]).toMatchObject({ pOnset: null, pPeak: null, pEnd: null });
        expect(found[21]?.pPeak).not.toBeNull();
    });
    test('follows tachycardia: no mark reaches into the next complex at 150 /min', () => {
        const fs = 250;
        const beats = beatsOf(40, 0.4);
        const samples = syntheticEcg({ fs, seconds: 40, beats: beats.map(beat => beat.seconds), tWave: 0.2 });
        const found = delineationsOf(drive(createDelineator({ fsHz: fs, leadCount: 1 }), new ArrayView([samples], fs), beats)).slice(8, -2);
        for (const item of found) {
            expect(item.qrsEnd).toBeLessThan(item.index + 0.12 * fs);
            if (item.tEnd !== null)
                expect(item.tEnd).toBeLessThan(item.index + 0.37 * fs);
        }
    });
});
describe('delineation and what is missing', () => {
    test('puts no mark into a gap or across it', () => {
        const fs = 250;
        const beats = beatsOf(40);
        const samples = signal(fs, 40);
        const gaps = [
            // After the QRS complex of one beat, before that of another, over a whole beat.
            [beats[15]?.seconds, 0.15, 0.6],
            [beats[25]?.seconds, -0.5, -0.1],
            [beats[35]?.seconds, -0.3, 0.6],
        ].map(([at, from, to]) => [Math.round((at + from) * fs), Math.round((at + to) * fs)]);
        for (const [from, to] of gaps)
            samples.fill(Number.NaN, from, to);
        const found = delineationsOf(drive(createDelineator({ fsHz: fs, leadCount: 1 }), new ArrayView([samples], fs), beats));
        const of = (i) => found.find(item => Math.abs(item.index - beats[i]?.seconds * fs) < 2);
        expect(of(15)).toMatchObject({ tPeak: null, tEnd: null });
        expect(of(15)?.qrsOnset).not.toBeNull();
        expect(of(25)).toMatchObject({ pOnset: null, pPeak: null, pEnd: null });
        expect(of(25)?.tEnd).not.toBeNull();
        expect(of(35)).toBeUndefined();
        for (const item of found) {
            for (const mark of marks) {
                const place = item[mark];
                if (place !== null)
                    expect(gaps.every(([from, to]) => place < from || place >= to), `${mark} in a gap`).toBe(true);
            }
        }
    });
    test('does not learn from a lead of poor quality', () => {
        const fs = 250;
        const beats = beatsOf(60);
        const clean = signal(fs, 60);
        // Half a minute of another shape, flagged as poor, then the first again.
        const samples = clean.map((value, i) => (i >= 20 * fs && i < 40 * fs ? value + 0.6 * Math.sin(i) : value));
        const view = () => new ArrayView([samples], fs);
        const poor = drive(createDelineator({ fsHz: fs, leadCount: 1 }), view(), beats, { quality: (_, s) => (s >= 19 && s < 41 ? 0.1 : 1) });
        const reference = drive(createDelineator({ fsHz: fs, leadCount: 1 }), new ArrayView([clean], fs), beats);
        const late = (out) => delineationsOf(out).filter(item => item.index > 42 * fs && item.index < 58 * fs);
        expect(late(poor).length).toBe(late(reference).length);
        late(poor).forEach((item, i) => {
            expect(Math.abs(item.tEnd - late(reference)[i]?.tEnd) / fs).toBeLessThanOrEqual(0.012);
        });
        expect(delineationsOf(poor)
            .filter(item => item.index > 21 * fs && item.index < 39 * fs)
            .every(item => item.quality < 0.5)).toBe(true);
    });
    test('chooses the lead in which the waves stand out', () => {
        const fs = 250;
        const beats = beatsOf(60);
        const flat = signal(fs, 60, { tWave: 0.01, noise: 0.08, seed: 3 });
        const view = new ArrayView([flat, signal(fs, 60)], fs);
        const found = delineationsOf(drive(createDelineator({ fsHz: fs, leadCount: 2 }), view, beats));
        expect(found.at(-2)?.channel).toBe(1);
    });
});
describe('delineation and the laws of a stage', () => {
    const fs = 360;
    const beats = beatsOf(50);
    const samples = signal(fs, 50);
    const leads = [samples, signal(fs, 50, { seed: 9, tWave: 0.4 })];
    const plain = drive(createDelineator({ fsHz: fs, leadCount: 2 }), new ArrayView(leads, fs), beats);
    test('says everything 0.9 s after the R peak and in the order of the deciding samples', () => {
        let last = -1;
        for (const item of plain) {
            expect(item.decided).toBeGreaterThanOrEqual(last);
            last = item.decided;
        }
        for (const item of delineationsOf(plain).slice(0, -1))
            expect((item.decided - item.index) / fs).toBeLessThanOrEqual(0.9);
    });
    test('does not look beyond the deciding sample', () => {
        expect(drive(createDelineator({ fsHz: fs, leadCount: 2 }), new ArrayView(leads, fs, true), beats)).toEqual(plain);
    });
    test('tells the same waves whenever beats are confirmed within its delay', () => {
        const late = drive(createDelineator({ fsHz: fs, leadCount: 2 }), new ArrayView(leads, fs), beats, { confirmSeconds: 0.7 });
        // The last beat is confirmed after the end of the signal here.
        expect(delineationsOf(late)).toEqual(delineationsOf(plain).slice(0, delineationsOf(late).length));
        expect(delineationsOf(late).length).toBeGreaterThanOrEqual(delineationsOf(plain).length - 1);
    });
    test('a copy made midway goes on identically', () => {
        const swapped = drive(createDelineator({ fsHz: fs, leadCount: 2 }), new ArrayView(leads, fs), beats, {
            swap: (second, analyser) => {
                if (second % 7 !== 3)
                    return analyser;
                const copy = createDelineator({ fsHz: fs, leadCount: 2 });
                copy.load(JSON.parse(JSON.stringify(analyser.save(), toJson), fromJson));
                return copy;
            },
        });
        expect(swapped).toEqual(plain);
    });
    test('is as new after the end', () => {
        const analyser = createDelineator({ fsHz: fs, leadCount: 2 });
        drive(analyser, new ArrayView(leads, fs), beats);
        expect(analyser.wakeAt).toBe(Number.POSITIVE_INFINITY);
        expect(drive(analyser, new ArrayView(leads, fs), beats)).toEqual(plain);
    });
    test('refuses rates and leads that it cannot work with', () => {
        expect(() => createDelineator({ fsHz: 64, leadCount: 1 })).toThrow(RangeError);
        expect(() => createDelineator({ fsHz: 2000, leadCount: 1 })).toThrow(RangeError);
        expect(() => createDelineator({ fsHz: 250, leadCount: 0 })).toThrow(RangeError);
    });
});
describe('intervals every 10 s', () => {
    const fs = 250;
    const beats = beatsOf(62);
    const out = drive(createDelineator({ fsHz: fs, leadCount: 1 }), new ArrayView([signal(fs, 62)], fs), beats);
    test('reports PR, QRS and QT of the synthetic beats, and QTc by Fridericia', () => {
        const value = (name) => measurementsOf(out, name).at(-1)?.value;
        expect(Math.abs(value('pr-interval') - (truth.qrsOnset - truth.pOnset))).toBeLessThanOrEqual(20);
        expect(Math.abs(value('qrs-duration') - (truth.qrsEnd - truth.qrsOnset))).toBeLessThanOrEqual(16);
        expect(Math.abs(value('qt-interval') - (truth.tEnd - truth.qrsOnset))).toBeLessThanOrEqual(24);
        expect(value('qtc-interval')).toBeCloseTo(value('qt-interval') / Math.cbrt(0.9), 6);
        expect(measurementsOf(out, 'qt-interval').map(m => m.to - m.from)).toEqual([8, 10, 10, 10, 10, 10].map(s => s * fs));
    });
    test('corrects by the formula that was chosen', () => {
        const last = (correction) => {
            const all = drive(createDelineator({ fsHz: fs, leadCount: 1, correction }), new ArrayView([signal(fs, 62)], fs), beats);
            return [measurementsOf(all, 'qt-interval').at(-1)?.value, measurementsOf(all, 'qtc-interval').at(-1)?.value];
        };
        const [bazettQt, bazett] = last('bazett');
        expect(bazett).toBeCloseTo(bazettQt / Math.sqrt(0.9), 6);
        const [framinghamQt, framingham] = last('framingham');
        expect(framingham).toBeCloseTo(framinghamQt + 15.4, 6);
        const [hodgesQt, hodges] = last('hodges');
        expect(hodges).toBeCloseTo(hodgesQt + 1.75 * (60 / 0.9 - 60), 6);
    });
    test('says null with its reason where there are no beats, poor signal, or few normal beats', () => {
        const make = () => createDelineator({ fsHz: fs, leadCount: 1 });
        const view = () => new ArrayView([signal(fs, 62)], fs);
        const none = drive(make(), view(), []);
        expect(measurementsOf(none, 'qt-interval').every(m => m.value === null && m.reason === 'few-beats')).toBe(true);
        const poor = drive(make(), view(), beats, { quality: () => 0.3 });
        expect(measurementsOf(poor, 'qt-interval').every(m => m.value === null && m.reason === 'poor-signal')).toBe(true);
        const ventricular = drive(make(), view(), beats.map(beat => ({ ...beat, beatClass: 'V' })));
        expect(measurementsOf(ventricular, 'qt-interval').every(m => m.value === null && m.reason === 'few-normal-beats')).toBe(true);
    });
});
describe('ST against the personal baseline', () => {
    const fs = 250;
    const beats = beatsOf(92);
    /** From 50 s on the ST segment of every beat lies `raise` mV higher: a plateau that begins and ends softly. */
    function raised(raise) {
        const samples = signal(fs, 92, { noise: 0.005 });
        for (const { seconds } of beats) {
            if (seconds < 50)
                continue;
            for (let i = Math.round((seconds + 0.04) * fs); i < (seconds + 0.25) * fs; i++) {
                const at = i / fs - seconds;
                const ramp = Math.min(1, (at - 0.04) / 0.03, (0.25 - at) / 0.05);
                samples[i] = samples[i] + raise * Math.max(0, ramp);
            }
        }
        return samples;
    }
    for (const raise of [0.2, -0.15]) {
        test(`reports a change of ${raise} mV within 0.03 mV, and about 0 before it`, () => {
            const out = drive(createDelineator({ fsHz: fs, leadCount: 1 }), new ArrayView([raised(raise)], fs), beats);
            const levels = measurementsOf(out, 'st-level');
            expect(levels.filter(m => m.to <= 30 * fs).every(m => m.value === null && m.reason === 'learning')).toBe(true);
            const before = levels.filter(m => m.from > 35 * fs && m.to < 50 * fs);
            expect(before.length).toBeGreaterThan(0);
            for (const m of before)
                expect(Math.abs(m.value)).toBeLessThanOrEqual(0.02);
            const after = levels.filter(m => m.from > 52 * fs);
            expect(after.length).toBeGreaterThan(2);
            for (const m of after)
                expect(Math.abs(m.value - raise)).toBeLessThanOrEqual(0.03);
        });
    }
    test('gives the level over the isoelectric line when asked for, at once', () => {
        const out = drive(createDelineator({ fsHz: fs, leadCount: 1, stReference: 'isoelectric' }), new ArrayView([raised(0)], fs), beats);
        expect(measurementsOf(out, 'st-level').every(m => m.value !== null)).toBe(true);
    });
    test('tells no level where samples are no voltage', () => {
        const view = new ArrayView([raised(0)], fs, false, false);
        const levels = measurementsOf(drive(createDelineator({ fsHz: fs, leadCount: 1 }), view, beats), 'st-level');
        expect(levels.every(m => m.value === null && m.reason === 'no-voltage')).toBe(true);
    });
});
/** QRS and T alone, with the noise of the others. */
function withoutP(fs, seconds, beats) {
    const samples = syntheticEcg({ fs, seconds, beats });
    for (const beat of beats) {
        for (let i = Math.max(0, Math.floor((beat - 0.3) * fs)); i < (beat - 0.02) * fs && i < samples.length; i++) {
            const x = (i / fs - beat + 0.16) / 0.022;
            samples[i] = samples[i] - 0.12 * Math.exp((-x * x) / 2);
        }
    }
    return samples;
}
function toJson(_key, value) {
    return value instanceof Float64Array ? { float64: [...value] } : value;
}
function fromJson(_key, value) {
    return typeof value === 'object' && value !== null && 'float64' in value ? Float64Array.from(value.float64) : value;
}
