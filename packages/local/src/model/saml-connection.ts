import { record, type Stored } from './record.js'
import { boolean, list, object, oneOf, optional, orNull, string, withDefault } from './schema.js'

const TEXT_OR_NULL = orNull(string())

/** Such as `acme.example`. */
export function domainName() {
  return string({ max: 253, pattern: /^([\da-z-]{1,63}\.)+[a-z\d-]{2,63}$/i })
}

/** How the users of a domain sign in with an identity provider. Its certificate and metadata are stored, never read. */
export const SamlConnection = record('saml_connection', 'samlc', {
  name: string({ min: 1 }),
  domains: list(domainName(), { min: 1 }),
  provider: oneOf('saml_custom', 'saml_okta', 'saml_google', 'saml_microsoft'),
  idp_entity_id: TEXT_OR_NULL,
  idp_sso_url: TEXT_OR_NULL,
  idp_certificate: TEXT_OR_NULL,
  idp_metadata_url: TEXT_OR_NULL,
  idp_metadata: TEXT_OR_NULL,
  /** that its users become members of */
  organization_id: TEXT_OR_NULL,
  /** the provider's names of these attributes */
  attribute_mapping: object({
    user_id: string(),
    email_address: string(),
    first_name: string(),
    last_name: string(),
  }),
  active: withDefault(boolean(), false),
  sync_user_attributes: withDefault(boolean(), true),
  allow_subdomains: withDefault(boolean(), false),
  allow_idp_initiated: withDefault(boolean(), false),
  disable_additional_identifications: withDefault(boolean(), false),
  allow_organization_account_linking: withDefault(boolean(), false),
  force_authn: withDefault(boolean(), false),
  login_hint: withDefault(
    object({ mode: oneOf('email_address', 'custom_attribute', 'off'), source: optional(string()) }),
    { mode: 'email_address' },
  ),
})

export type SamlConnection = Stored<typeof SamlConnection>
