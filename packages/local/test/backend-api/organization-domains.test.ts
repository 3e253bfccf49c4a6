import { describe, expect, test } from 'vitest'
import { start } from '../start.js'
import { call } from '../tokens.js'
import { startReceiver } from '../webhook-receiver.js'
import { clientOf, refusal } from './client.js'

const START = Date.UTC(2030, 0)

async function startAcme() {
  const local = await start({ now: () => START })
  const clerk = clientOf(local)
  const { acme, globex } = local.organizations
  const add = (name: string, enrollmentMode = 'manual_invitation', organizationId = acme.id, more: object = {}) =>
    clerk.organizations.createOrganizationDomain({
      organizationId,
      name,
      enrollmentMode: enrollmentMode as 'manual_invitation',
      ...more,
    })
  return { local, clerk, acme, globex, add }
}

// The official client does not turn domains into objects of its own: they have the names of the Backend API.
describe('organization domains', () => {
  test('are verified by default, and can be created unverified', async () => {
    const { local, acme, add } = await startAcme()
    expect(await add('Acme.example')).toMatchObject({
      id: expect.stringMatching(/^orgdmn_\w{27}$/),
      organization_id: acme.id,
      name: 'acme.example',
      enrollment_mode: 'manual_invitation',
      verification: { status: 'verified', strategy: 'admin' },
    })
    expect(await add('acme.test', 'manual_invitation', acme.id, { verified: false })).toMatchObject({
      verification: { status: 'unverified' },
    })
    const { body } = await call(local, 'GET', '/v1/organizations/acme/domains?verified=true')
    expect(body).toMatchObject({ total_count: 1, data: [{ name: 'acme.example', ownership_verification: null }] })
    expect(body.data[0].affiliation_verification).toEqual(body.data[0].verification)
  })

  test.each([
    ['of a provider of free mail', 'gmail.com', 'manual_invitation', 422, 'organization_domain_common'],
    ['that the organization has', 'acme.example', 'manual_invitation', 422, 'organization_domain_already_exists'],
    ['that is none', 'acme', 'manual_invitation', 422, 'form_param_format_invalid'],
    ['with an unknown mode', 'a.example', 'magic', 422, 'form_param_value_invalid'],
    [
      'for SSO without a connection',
      'a.example',
      'enterprise_sso',
      403,
      'organization_domain_enrollment_mode_not_enabled',
    ],
  ])('cannot be one %s', async (_, name, mode, status, code) => {
    const { add } = await startAcme()
    await add('acme.example')
    await expect(add(name, mode)).rejects.toMatchObject(refusal(status, code))
  })

  test('are verified for one organization only', async () => {
    const { clerk, acme, globex, add } = await startAcme()
    const { id: domainId } = await add('acme.example')
    await expect(add('acme.example', 'manual_invitation', globex.id)).rejects.toMatchObject(
      refusal(422, 'organization_domain_already_exists'),
    )
    const { id } = await add('acme.example', 'manual_invitation', globex.id, { verified: false })
    const verify = () =>
      clerk.organizations.updateOrganizationDomain({ organizationId: globex.id, domainId: id, verified: true })
    await expect(verify()).rejects.toMatchObject(refusal(422, 'organization_domain_already_exists'))
    await clerk.organizations.deleteOrganizationDomain({ organizationId: acme.id, domainId })
    expect(await verify()).toMatchObject({ verification: { status: 'verified' } })
  })

  test('are at most 10 for each organization', async () => {
    const { globex, add } = await startAcme()
    for (let i = 0; i < 10; i++) await add(`${i}.example`)
    await expect(add('10.example')).rejects.toMatchObject(refusal(403, 'organization_domain_quota_exceeded'))
    expect(await add('10.example', 'manual_invitation', globex.id)).toMatchObject({ organization_id: globex.id })
  })

  test('need the settings of the instance', async () => {
    const { clerk, add } = await startAcme()
    await clerk.instance.updateOrganizationSettings({ domainsEnrollmentModes: ['automatic_suggestion'] })
    await expect(add('a.example', 'automatic_invitation')).rejects.toMatchObject(
      refusal(403, 'organization_domain_enrollment_mode_not_enabled'),
    )
    expect(await add('a.example', 'automatic_suggestion')).toMatchObject({ enrollment_mode: 'automatic_suggestion' })
    await clerk.instance.updateOrganizationSettings({ domainsEnabled: false })
    await expect(add('b.example')).rejects.toMatchObject(refusal(403, 'organization_domains_not_enabled'))
  })

  test('count the users who could join because of them', async () => {
    const { local, clerk, acme, add } = await startAcme()
    const { id: domainId } = await add('example.com', 'automatic_invitation')
    await add('acme.example', 'automatic_invitation')
    const counts = async () => {
      const { body } = await call(local, 'GET', '/v1/organizations/acme/domains')
      return body.data.map((it: { total_pending_invitations: number; total_pending_suggestions: number }) => [
        it.total_pending_invitations,
        it.total_pending_suggestions,
      ])
    }
    // Dave has an address at example.com; those at acme.example are members.
    expect(await counts()).toEqual([
      [0, 0],
      [1, 0],
    ])
    await clerk.organizations.updateOrganizationDomain({
      organizationId: acme.id,
      domainId,
      enrollmentMode: 'automatic_suggestion',
    })
    expect(await counts()).toEqual([
      [0, 0],
      [0, 1],
    ])
  })

  test('are listed for the whole instance by organization, name and mode', async () => {
    const { local, globex, add } = await startAcme()
    await add('b.example', 'automatic_invitation')
    await add('a.example')
    await add('c.example', 'automatic_suggestion', globex.id)
    const names = async (query: string) => {
      const { body } = await call(local, 'GET', `/v1/organization_domains${query}`)
      return body.data.map((it: { name: string }) => it.name)
    }
    expect(await names('')).toEqual(['c.example', 'a.example', 'b.example'])
    expect(await names('?order_by=name&limit=2')).toEqual(['a.example', 'b.example'])
    expect(await names(`?organization_id=${globex.id}`)).toEqual(['c.example'])
    expect(await names(`?query=${globex.id}`)).toEqual(['c.example'])
    expect(await names('?query=B.EX')).toEqual(['b.example'])
    expect(await names('?domains=a.example&domains=c.example')).toEqual(['c.example', 'a.example'])
    expect(await names('?enrollment_mode=manual_invitation,automatic_suggestion')).toEqual(['c.example', 'a.example'])
    expect(await names('?enrollment_mode=-manual_invitation')).toEqual(['c.example', 'b.example'])
    for (const query of ['query=%20', 'enrollment_mode=x', 'verified=x', 'order_by=id'])
      expect(await call(local, 'GET', `/v1/organization_domains?${query}`)).toMatchObject({
        status: 422,
        code: 'form_param_value_invalid',
      })
  })

  test('cause events, and are removed with their organization', async () => {
    const { local, clerk, acme, globex, add } = await startAcme()
    const receiver = await startReceiver()
    local.webhooks.add({ url: receiver.url, events: ['organizationDomain.*'] })
    const { id: domainId } = await add('a.example')
    await expect(
      clerk.organizations.updateOrganizationDomain({ organizationId: globex.id, domainId, verified: false }),
    ).rejects.toMatchObject(refusal(404, 'resource_not_found'))
    await clerk.organizations.updateOrganizationDomain({ organizationId: acme.id, domainId, verified: false })
    await clerk.organizations.deleteOrganization(acme.id)
    await local.webhooks.settled()
    expect(receiver.types()).toEqual([
      'organizationDomain.created',
      'organizationDomain.updated',
      'organizationDomain.deleted',
    ])
    expect(receiver.received[1]?.event.data).toMatchObject({ id: domainId, verification: { status: 'unverified' } })
    expect((await call(local, 'GET', '/v1/organization_domains')).body.total_count).toBe(0)
  })
})
