/**
 * What the columns of a contact file are called, in the languages that files come in. Compared without case, marks,
 * spaces and punctuation. The order within a field is the order of preference.
 */
export const contactFields = [
  'phoneNumber',
  'name',
  'firstName',
  'lastName',
  'externalId',
  'timezone',
  'country',
] as const

export type ContactField = (typeof contactFields)[number]

/** The field that a header names, and how far down its list: smaller is a better match. */
export function knowHeader(header: string): { field: ContactField; rank: number } | undefined {
  return known.get(plainHeader(header))
}

/** `N° de téléphone *` becomes `ndetelephone`. */
export function plainHeader(header: string): string {
  return header
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replaceAll('ł', 'l')
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
}

const headers: Record<ContactField, string> = {
  phoneNumber: `
    phone number, phone, telephone number, telephone, mobile phone number, mobile phone, mobile number, mobile, cell
    phone number, cell phone, cell number, cellular, cell, phone no, mobile no, tel no, tel, msisdn, e164, e164 number,
    contact number, contact phone, customer phone, lead phone, primary phone, primary phone number, to number, phone to
    call, whatsapp, whatsapp number, work phone, business phone, home phone, phone 1, phone1 value, phone 1 value, number,
    numéro de téléphone, numéro téléphone, n° de téléphone, n° téléphone, no de téléphone, téléphone portable, téléphone
    mobile, tél portable, tél mobile, numéro de portable, numéro de mobile, num tél, numéro tél, n° tél, téléphone fixe,
    tél fixe, portable, gsm, numéro,
    Telefonnummer, Telefon, Telefonnr, Telefon Nr, Tel Nr, Telnummer, Rufnummer, Handynummer, Handy, Handynr, Mobilnummer,
    Mobiltelefon, Mobilfunknummer, Mobilfunk, Mobil, Mobilnr, Telefon privat, Telefon geschäftlich, Festnetz,
    número de teléfono, numero teléfono, n° de teléfono, nº de teléfono, nº teléfono, teléfono, teléfono móvil, número
    de móvil, número móvil, móvil, celular, número de celular, número celular, teléfono celular, tfno, tlf,
    número de telefone, telefone, telefone celular, telemóvel, número de telemóvel,
    numero di telefono, numero telefono, numero di cellulare, numero cellulare, cellulare, recapito telefonico,
    telefoonnummer, telefoon, mobiel nummer, mobiel, gsm nummer,
    numer telefonu, nr telefonu, telefon komórkowy, komórka, telefonní číslo, mobiltelefon, telefonnummer, mobilnummer,
    mobilnr, puhelinnumero, puhelin, matkapuhelin, telefon numarası, cep telefonu, номер телефона, телефон, мобильный
    телефон, мобильный, 電話番号, 携帯電話, 携帯番号, 电话号码, 电话, 手机号码, 手机号, 手机, 전화번호, رقم الهاتف`,
  name: `
    full name, name, contact name, customer name, client name, recipient name, lead name, contact, display name,
    nom complet, nom et prénom, nom prénom, prénom nom, prénom et nom, nom du contact, nom du client,
    vollständiger Name, Vor- und Nachname, Vorname Nachname, Kontaktname, Kundenname, Ansprechpartner,
    nombre completo, nombre y apellidos, nombre y apellido, nombre del contacto, nombre del cliente,
    nome completo, nome e cognome, nome cognome, nominativo, nome do cliente, volledige naam, naam, imię i nazwisko,
    fullständigt namn, namn, navn, nimi, jméno a příjmení, ad soyad, имя и фамилия, фио, 氏名, 名前, 姓名, 이름`,
  firstName: `
    first name, given name, forename, first, prénom, Vorname, nombre, nombres, nome, primeiro nome, nome proprio,
    voornaam, imię, förnamn, fornavn, etunimi, jméno, ad, имя`,
  lastName: `
    last name, surname, family name, last, nom de famille, nom, Nachname, Familienname, Zuname, apellidos, apellido,
    cognome, sobrenome, apelido, achternaam, nazwisko, efternamn, etternavn, efternavn, sukunimi, příjmení, soyad, фамилия`,
  externalId: `
    external id, external reference, external ref, contact id, customer id, client id, lead id, customer number, customer
    no, customer ref, client ref, crm id, record id, id, uuid, id externe, réf externe, référence externe, réf client,
    référence client, numéro client, numéro de client, n° client, id client, identifiant, identifiant client, code client,
    externe ID, Kundennummer, Kundennr, Kunden-Nr, Kunden-ID, Kontakt-ID, id externo, id cliente, id de cliente,
    identificador, número de cliente, nº cliente, código de cliente, código cliente, id do cliente, código do cliente,
    codice cliente, id contatto, klantnummer, klant id, numer klienta, id klienta, kundnummer, kundenummer`,
  timezone: `
    time zone, timezone id, iana time zone, tz, fuseau horaire, fuseau, Zeitzone, zona horaria, huso horario, fuso horário,
    fuso orario, tijdzone, strefa czasowa, tidszon, tidssone, aikavyöhyke, часовой пояс`,
  country: `
    country, country code, country iso, iso country, iso country code, country iso2, pays, code pays, Land, Ländercode,
    Länderkürzel, Länderkennung, país, código de país, código país, código do país, paese, nazione, codice paese, landcode,
    kraj, kod kraju, maa, země, ülke, страна`,
}

const known = new Map<string, { field: ContactField; rank: number }>()
for (const field of contactFields) {
  headers[field].split(',').forEach((header, rank) => {
    const plain = plainHeader(header)
    if (!known.has(plain)) known.set(plain, { field, rank })
  })
}
