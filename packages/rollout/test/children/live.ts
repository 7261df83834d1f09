// An instance that takes part, tells of each problem, and that its other work goes on.
import { createRollout } from '@partywall/rollout'
import { countingObservations } from '../counting-observations.ts'

const [folder = '', flagFile = ''] = process.argv.slice(2)
const observations = countingObservations()
const rollout = createRollout({
  models: { User: 'CRITICAL', Role: 'HIGH' },
  environment: {},
  flagFile,
  state: { folder, instance: 'a', release: '1', observations },
  onProblem: ({ code }) => process.stdout.write(`${code}\n`),
})
const beat = setInterval(() => process.stdout.write('alive\n'), 20)
process.stdin.resume().on('end', () => {
  clearInterval(beat)
  rollout.close()
})
