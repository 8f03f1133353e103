import { describe, expect, it } from 'vitest'
import { briefAgent, questionsOf, type Subject } from './brief-agent.ts'

const assistant = {
  ...{ name: 'Ann', prompt: 'You call {name}.', greeting: 'Hi {first_name}', questions: ['How are you?'] },
  aiDisclosure: 'I am a machine, {name}.',
}
const campaign = {
  name: 'Spring',
  campaignPrompt: 'Sell {product} in {{ City }}.',
  questions: ['Do you live in {city}?', 'Since {year}?'],
  metadata: { product: 'shoes', city: 'town', name: 'nobody' },
  placeholderDefaults: { first_name: 'there' },
  aiDisclosure: '',
  voicemailMessage: 'We will call {name} again.',
}
const contact = {
  name: 'Ada L.',
  phoneNumber: '+14155550132',
  externalId: 'c-7',
  variables: { City: 'Rome', empty: '' },
}
const call = { contactName: 'Ada', phoneNumber: '+14155550132', metadata: { product: 'boots', list: ['x'] } }
const subject: Subject = { assistant, campaign, contact, call }

describe('what an agent is told', () => {
  it('is filled from the contact, then the call, then the campaign, then what stands in', () => {
    expect(briefAgent(subject)).toEqual({
      prompt: 'You call Ada.\n\nSell boots in Rome.',
      greeting: 'Hi there',
      aiDisclosure: 'I am a machine, Ada.',
      questions: ['Do you live in Rome?', 'Since ?'],
      voicemailMessage: 'We will call Ada again.',
      missing: ['first_name', 'year'],
    })
  })

  it('goes on where the more special source has an empty text', () => {
    const nowhere = { ...contact, variables: { city: ' ' } }
    expect(briefAgent({ ...subject, contact: nowhere }).prompt).toContain('in town.')
  })

  it('takes what the call was given as variables before anything else', () => {
    const given = { ...call, metadata: { city: 'Oslo', variables: { CITY: 'Bergen', year: 1999, list: ['x'] } } }
    const told = briefAgent({ ...subject, call: given })
    expect(told.questions).toEqual(['Do you live in Bergen?', 'Since 1999?'])
  })

  it('knows number, id, assistant and campaign, but says no lists', () => {
    const prompt = '{phone_number} {to_number} {externalId} {assistant_name} {campaign name} {list}'
    const told = briefAgent({
      ...subject,
      assistant: { ...assistant, prompt },
      campaign: { ...campaign, campaignPrompt: '' },
    })
    expect(told.prompt).toBe('+14155550132 +14155550132 c-7 Ann Spring ')
    expect(told.missing).toContain('list')
  })
})

describe('how it says that it is an AI', () => {
  it('is in the words of the campaign, else of the assistant, and nothing where neither says one', () => {
    const said = (own: string, general: string) =>
      briefAgent({
        ...subject,
        assistant: { ...assistant, aiDisclosure: general },
        campaign: { ...campaign, aiDisclosure: own },
      }).aiDisclosure
    expect(said('An AI calls {name}.', 'I am an AI.')).toBe('An AI calls Ada.')
    expect(said('', 'I am an AI.')).toBe('I am an AI.')
    expect(said('', '')).toBe('')
  })
})

describe('the questions', () => {
  const asked = (questions: unknown) => questionsOf({ assistant, campaign, call: { metadata: { questions } } })

  it.each([
    [
      ['One?', ' ', 7, 'Two?'],
      ['One?', 'Two?'],
    ],
    ['Only one?', ['Only one?']],
    [[], campaign.questions],
    [{ a: 'b' }, campaign.questions],
  ])('of a call with %j are %j', (questions, texts) => {
    expect(asked(questions)).toEqual(texts)
  })

  it("are the assistant's where nobody asks anything else", () => {
    expect(questionsOf({ assistant, campaign: { questions: [] }, call: null })).toEqual(['How are you?'])
    expect(questionsOf({ assistant: null, campaign: null, call: null })).toEqual([])
  })
})
