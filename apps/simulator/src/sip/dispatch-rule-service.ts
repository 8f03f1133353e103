import {
  CreateSIPDispatchRuleRequest,
  DeleteSIPDispatchRuleRequest,
  ListSIPDispatchRuleRequest,
  ListSIPDispatchRuleResponse,
  SIPDispatchRuleInfo,
  type SIPDispatchRuleUpdate,
  UpdateSIPDispatchRuleRequest,
} from '@livekit/protocol'
import { newId } from '../ids.ts'
import { method, type Service } from '../twirp.ts'
import { TwirpError } from '../twirp-error.ts'
import { updateFields, updateList } from './list-update.ts'
import type { SipStore } from './trunks.ts'

/** Dispatch rules of the SIP service; see call-in.ts for how they are used. */
export function createDispatchRuleService({ rules }: SipStore): Service {
  return {
    CreateSIPDispatchRule: method({
      request: CreateSIPDispatchRuleRequest,
      grant: 'sipAdmin',
      answer: (request) => {
        const rule = request.dispatchRule ?? upgrade(request)
        if (rule?.rule?.rule.case) checkAlone(rules, rule)
        return store(rules, rule, newId('SDR_'))
      },
    }),
    UpdateSIPDispatchRule: method({
      request: UpdateSIPDispatchRuleRequest,
      grant: 'sipAdmin',
      answer: ({ sipDispatchRuleId, action }) => {
        const old = find(rules, sipDispatchRuleId)
        const rule = action.case === 'update' ? change(old.clone(), action.value) : action.value
        return store(rules, rule, sipDispatchRuleId)
      },
    }),
    ListSIPDispatchRule: method({
      request: ListSIPDispatchRuleRequest,
      grant: 'sipAdmin',
      answer: ({ dispatchRuleIds, trunkIds }) =>
        new ListSIPDispatchRuleResponse({
          items: [...rules.values()].filter(
            (rule) =>
              (dispatchRuleIds.length === 0 || dispatchRuleIds.includes(rule.sipDispatchRuleId)) &&
              (trunkIds.length === 0 ||
                rule.trunkIds.length === 0 ||
                rule.trunkIds.some((id) => trunkIds.includes(id))),
          ),
        }),
    }),
    DeleteSIPDispatchRule: method({
      request: DeleteSIPDispatchRuleRequest,
      grant: 'sipAdmin',
      answer: ({ sipDispatchRuleId }) => {
        const rule = find(rules, sipDispatchRuleId)
        rules.delete(sipDispatchRuleId)
        return rule
      },
    }),
  }
}

function store(rules: SipStore['rules'], rule: SIPDispatchRuleInfo | undefined, id: string): SIPDispatchRuleInfo {
  if (!rule?.rule?.rule.case) throw new TwirpError('invalid_argument', 'missing rule')
  rule.sipDispatchRuleId = id
  rules.set(id, rule)
  return rule
}

// two rules for one call would leave it to chance which of them names its room
function checkAlone(rules: SipStore['rules'], rule: SIPDispatchRuleInfo) {
  const other = [...rules.values()].find((each) => whatItTakes(each).some((key) => whatItTakes(rule).includes(key)))
  if (!other) return
  const what = 'Dispatch rule for the same trunk, inbound number, number, and PIN combination already exists'
  const message = `${what} in dispatch rule "${other.sipDispatchRuleId}" "${other.name}"`
  throw new TwirpError('invalid_argument', message)
}

function whatItTakes({ trunkIds, inboundNumbers, numbers, rule }: SIPDispatchRuleInfo): string[] {
  const orAny = (list: string[]) => (list.length === 0 ? [''] : list)
  const pin = rule?.rule.value?.pin ?? ''
  return orAny(trunkIds).flatMap((trunk) =>
    orAny(inboundNumbers).flatMap((from) => orAny(numbers).map((to) => [trunk, from, to, pin].join(' '))),
  )
}

function find(rules: SipStore['rules'], id: string): SIPDispatchRuleInfo {
  const rule = rules.get(id)
  if (!rule) throw new TwirpError('not_found', 'requested sip dispatch rule does not exist')
  return rule
}

// the SDK still sends the fields of the rule at the top level of the request
function upgrade(request: CreateSIPDispatchRuleRequest): SIPDispatchRuleInfo {
  return new SIPDispatchRuleInfo({
    rule: request.rule,
    trunkIds: request.trunkIds,
    hidePhoneNumber: request.hidePhoneNumber,
    inboundNumbers: request.inboundNumbers,
    name: request.name,
    metadata: request.metadata,
    attributes: request.attributes,
    roomPreset: request.roomPreset,
    roomConfig: request.roomConfig,
  })
}

function change(rule: SIPDispatchRuleInfo, update: SIPDispatchRuleUpdate): SIPDispatchRuleInfo {
  updateFields(rule, update)
  rule.trunkIds = updateList(rule.trunkIds, update.trunkIds)
  rule.rule = update.rule ?? rule.rule
  if (Object.keys(update.attributes).length > 0) rule.attributes = update.attributes
  return rule
}
