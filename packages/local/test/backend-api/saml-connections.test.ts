import { describe, expect, test } from 'vitest'
import { errorCode, start } from '../start.js'
import { clientOf, send } from './client.js'

const IDP = {
  idpEntityId: 'https://idp.example',
  idpSsoUrl: 'https://idp.example/sso',
  idpCertificate: 'MIIC not parsed',
}

async function startSaml() {
  const local = await start()
  const { samlConnections, organizations } = clientOf(local)
  const create = (domain: string, more: object = {}) =>
    samlConnections.createSamlConnection({ name: domain, provider: 'saml_okta', domain, ...more })
  const ask = (method: string, path: string, body: object) => send(local, method, `/v1/saml_connections${path}`, body)
  return { local, samlConnections, organizations, create, ask }
}

describe('a SAML connection', () => {
  test('is created inactive, with addresses on the instance for the identity provider', async () => {
    const { local, create, samlConnections } = await startSaml()
    const created = await create('Acme.example', { ...IDP, organizationId: local.organizations.acme.id })
    expect(created).toMatchObject({
      ...IDP,
      name: 'Acme.example',
      domain: 'acme.example',
      provider: 'saml_okta',
      active: false,
      organizationId: local.organizations.acme.id,
      idpCertificateIssuedAt: null,
      acsUrl: `${local.url}/v1/saml/acs/${created.id}`,
      attributeMapping: { userId: 'userid', emailAddress: 'mail', firstName: 'firstName', lastName: 'lastName' },
    })
    expect(created.id).toMatch(/^samlc_\w{27}$/)
    expect(await samlConnections.getSamlConnection(created.id)).toMatchObject({ id: created.id })
  })

  test('is created for several domains', async () => {
    const { ask } = await startSaml()
    const domains = ['a.example', 'b.example']
    const created = await (await ask('POST', '', { name: 'Both', provider: 'saml_google', domains })).json()
    expect(created).toMatchObject({ domain: 'a.example', domains })
  })

  test('is activated once it has all that a sign-in needs', async () => {
    const { create, samlConnections } = await startSaml()
    const { id } = await create('acme.example')
    await expect(samlConnections.updateSamlConnection(id, { active: true })).rejects.toMatchObject({
      status: 422,
      errors: [{ code: 'saml_connection_cant_be_activated' }],
    })
    expect(await samlConnections.getSamlConnection(id)).toMatchObject({ active: false })
    expect(await samlConnections.updateSamlConnection(id, { ...IDP, active: true })).toMatchObject({ active: true })
  })

  test('with a metadata URL, which is not fetched, can be activated too', async () => {
    const { create, samlConnections } = await startSaml()
    const { id } = await create('acme.example', { idpMetadataUrl: 'http://127.0.0.1:1/metadata.xml' })
    expect(await samlConnections.updateSamlConnection(id, { active: true })).toMatchObject({ active: true })
  })

  test('is updated in the given fields only, and null clears those of the identity provider', async () => {
    const { create, samlConnections, ask } = await startSaml()
    const { id } = await create('acme.example', IDP)
    const mapping = { attributeMapping: { emailAddress: 'email' } }
    expect(await samlConnections.updateSamlConnection(id, { name: 'New', ...mapping })).toMatchObject({
      ...IDP,
      name: 'New',
      attributeMapping: { userId: 'userid', emailAddress: 'email' },
    })
    const changed = await (
      await ask('PATCH', `/${id}`, { name: null, idp_sso_url: null, domains: ['b.example'] })
    ).json()
    expect(changed).toMatchObject({ name: 'New', idp_sso_url: null, domains: ['b.example'] })
  })

  test('is deleted', async () => {
    const { create, samlConnections } = await startSaml()
    const { id } = await create('acme.example')
    expect(await samlConnections.deleteSamlConnection(id)).toMatchObject({ id, deleted: true })
    await expect(samlConnections.getSamlConnection(id)).rejects.toMatchObject({
      status: 404,
      errors: [{ code: 'resource_not_found' }],
    })
  })

  test('survives the organization that it belonged to', async () => {
    const { local, create, samlConnections, organizations } = await startSaml()
    const organizationId = local.organizations.acme.id
    const { id } = await create('acme.example', { organizationId })
    await organizations.deleteOrganization(organizationId)
    expect(await samlConnections.getSamlConnection(id)).toMatchObject({ organizationId: null })
  })

  test.each([
    ['no domain', { name: 'A', provider: 'saml_okta' }, 422, 'form_param_missing'],
    ['no domains', { name: 'A', provider: 'saml_okta', domains: [] }, 422, 'form_param_missing'],
    ['an invalid domain', { name: 'A', provider: 'saml_okta', domain: 'a b' }, 422, 'form_param_value_invalid'],
    ['an unknown provider', { name: 'A', provider: 'oidc', domain: 'a.example' }, 422, 'form_param_value_invalid'],
    ['an unknown field', { name: 'A', provider: 'saml_okta', domain: 'a.example', x: 1 }, 422, 'form_param_unknown'],
    [
      'an unknown hint',
      { name: 'A', provider: 'saml_okta', domain: 'a.example', login_hint: { mode: 'x' } },
      422,
      'form_param_value_invalid',
    ],
    [
      'an unknown organization',
      { name: 'A', provider: 'saml_okta', domain: 'a.example', organization_id: 'org_x' },
      404,
      'resource_not_found',
    ],
    ['the domain of another', { name: 'A', provider: 'saml_okta', domain: 'TAKEN.example' }, 409, 'conflict'],
  ])('with %s is refused', async (_, body, status, code) => {
    const { create, ask } = await startSaml()
    await create('taken.example')
    const response = await ask('POST', '', body)
    expect([response.status, await errorCode(response)]).toEqual([status, code])
  })

  test('cannot take the domain of another later, but keeps its own', async () => {
    const { create, ask } = await startSaml()
    const { id } = await create('a.example')
    await create('b.example')
    const taken = await ask('PATCH', `/${id}`, { domain: 'b.example' })
    expect([taken.status, await errorCode(taken)]).toEqual([409, 'conflict'])
    expect((await ask('PATCH', `/${id}`, { domain: 'a.example' })).status).toBe(200)
  })
})

describe('the list of SAML connections', () => {
  test('is newest first, in pages, filtered by name and organization', async () => {
    const { local, create, samlConnections } = await startSaml()
    const organizationId = local.organizations.acme.id
    await create('a.example', { organizationId })
    await create('b.example')
    await create('c.example')
    const domains = async (input: object) =>
      (await samlConnections.getSamlConnectionList(input)).data.map(({ domain }) => domain)
    expect(await domains({})).toEqual(['c.example', 'b.example', 'a.example'])
    expect(await domains({ limit: 1, offset: 1 })).toEqual(['b.example'])
    expect(await domains({ orderBy: '+created_at' })).toEqual(['a.example', 'b.example', 'c.example'])
    expect(await domains({ query: 'B.EX' })).toEqual(['b.example'])
    expect(await domains({ organizationId: [organizationId] })).toEqual(['a.example'])
    expect(await domains({ organizationId: [`-${organizationId}`] })).toEqual(['c.example', 'b.example'])
  })
})
