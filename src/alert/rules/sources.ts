/** Where the default limits come from; each rule cites by these words. */
export const sources = {
  challenge2015:
    'Clifford et al., The PhysioNet/Computing in Cardiology Challenge 2015: asystole no QRS for 4 s, extreme bradycardia below 40 /min, extreme tachycardia above 140 /min',
  news2:
    'Royal College of Physicians, National Early Warning Score (NEWS) 2, 2017, chart 1 (scoring) and chart 2 (thresholds and triggers)',
  monitorDefaults:
    'factory defaults of adult bedside monitors: pulse 50 and 120 /min, SpO2 90 % (Contec CMS8000); SpO2 90 %, systolic 90 and 160 mmHg (Mindray TM80)',
  spo2Delay:
    'SpO2 delay: 15 s took about 60 % off alarms at 90 % (Rheineck-Leyssius and Kalkman 1998); 10 s here, for an alert within 15 s',
  oxygenTarget: "O'Driscoll et al., BTS guideline for oxygen use in adults, 2017: target 94 to 98 %, or 88 to 92 % at risk of hypercapnia",
  timeInRange:
    'Battelino et al., Clinical targets for continuous glucose monitoring data interpretation, Diabetes Care 2019: level 1 below 70, level 2 below 54 mg/dL, events of 15 min',
  apnea:
    'apnoea delay of 20 s, the usual default of bedside monitors; Berry et al., The AASM Manual for the Scoring of Sleep: 10 s and more is an apnoea, which a sleeper has without danger',
  fall: 'impact and posture after it: Bourke et al., Gait and Posture 26 (2007) 194; Sucerquia et al., Sensors 17 (2017) 198; model of docs/algorithms/motion-falls.md',
  house: 'choice of this project',
} as const
