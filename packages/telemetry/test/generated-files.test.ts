import { alertRules, grafanaDashboards } from '@partywall/telemetry/prometheus'
import { expect, it } from 'vitest'

// `npx vitest run --project telemetry generated-files -u` writes them anew.
it('ships the alert rules that the code makes [data 133–137]', async () => {
  await expect(alertRules()).toMatchFileSnapshot('../prometheus/partywall.rules.yml')
})

it('ships the dashboards that the code makes [data 57, 74, 88, 138, 139]', async () => {
  for (const { uid, json } of grafanaDashboards()) {
    await expect(json).toMatchFileSnapshot(`../grafana/${uid}.json`)
  }
})
