// What invented contacts are called. Any likeness to living people is chance.

export const firstNames = words(`
  Aaliyah Adam Aiko Amara Amélie Andre Anita Beatriz Ben Bianca Caleb Carmen Chen Chloe Claire Cyrus Dana Daniel Diego
  Dmitri Elena Eli Emeka Esther Farah Felix Fiona Gabriel Grace Hana Hector Imani Ines Isaac Ivy Jada Jamal Jin Joana
  Jonas Jules Kai Karim Katya Kofi Lara Leila Leo Lucía Malik Maren Mateo Mei Mina Nadia Nia Noah Nora Olu Omar Paula
  Priya Quinn Rafael Renée Rosa Ruth Sami Sara Sasha Sofia Tariq Thea Tomás Uma Victor Wanda Xavier Yara Yusuf Zoe`)

export const lastNames = words(`
  Abbott Adeyemi Alvarez Anders Baker Banerjee Barrett Bauer Bello Brandt Carver Castillo Chang Cho Cohen Costa Cruz
  D'Souza Dalton Diaz Doyle Dubois Ellis Farouk Fischer Flores Foster Garza Gibson Goldberg Gupta Haddad Hansen Hayes
  Herrera Hughes Ibrahim Ito Jensen Kaur Kim Kowalski Laurent Lewis Lindqvist López Mbeki Medina Mensah Miller Mori
  Müller Nakamura Ng Novak O'Brien Okafor Ortiz Osei Park Patel Petrov Quintero Ramos Reyes Rossi Santos Sato Schmidt
  Shah Silva Singh Stone Suarez Tanaka Torres Tran Vargas Vega Walsh Wang Weber Wong Yamada Young Zhou`)

export const companyNames = words(`
  Alder Beacon Birch Bluewater Canyon Cedar Cobalt Copper Delta Driftwood Ember Fairview Garnet Granite Harbor Hickory
  Highland Ironwood Juniper Keystone Lakeside Larkspur Maple Meridian Northgate Oakmont Pinnacle Prairie Redstone
  Ridgeline Riverbend Sable Sequoia Silverleaf Summit Tamarack Timberline Vista Westbrook Willow`)

export const companyKinds = [
  'Accounting',
  'Auto Parts',
  'Bakery',
  'Books & Paper',
  'Builders, Inc.',
  'Clinic',
  'Dental',
  'Electric',
  'Foods, LLC',
  'Freight',
  'Garden Center',
  'Glass',
  'Hardware',
  'Insurance',
  'Labs',
  'Law Group',
  'Logistics',
  'Plumbing',
  'Realty',
  'Roofing',
  'Software',
  'Solar',
  'Travel',
  'Veterinary',
]

export const cities = [
  { city: 'New York', areaCodes: [212, 646, 917, 718] },
  { city: 'Boston', areaCodes: [617, 857] },
  { city: 'Philadelphia', areaCodes: [215, 267] },
  { city: 'Washington', areaCodes: [202] },
  { city: 'Baltimore', areaCodes: [410, 443] },
  { city: 'Pittsburgh', areaCodes: [412] },
  { city: 'Atlanta', areaCodes: [404, 470, 678] },
  { city: 'Miami', areaCodes: [305, 786] },
  { city: 'Orlando', areaCodes: [407, 321] },
  { city: 'Charlotte', areaCodes: [704, 980] },
  { city: 'Detroit', areaCodes: [313] },
  { city: 'Cleveland', areaCodes: [216] },
  { city: 'Columbus', areaCodes: [614, 380] },
  { city: 'Chicago', areaCodes: [312, 773, 872] },
  { city: 'Milwaukee', areaCodes: [414] },
  { city: 'Minneapolis', areaCodes: [612] },
  { city: 'St. Louis', areaCodes: [314] },
  { city: 'Kansas City', areaCodes: [816] },
  { city: 'Nashville', areaCodes: [615, 629] },
  { city: 'Memphis', areaCodes: [901] },
  { city: 'New Orleans', areaCodes: [504] },
  { city: 'Houston', areaCodes: [713, 281, 832] },
  { city: 'Dallas', areaCodes: [214, 469, 972] },
  { city: 'Austin', areaCodes: [512, 737] },
  { city: 'San Antonio', areaCodes: [210, 726] },
  { city: 'Oklahoma City', areaCodes: [405] },
  { city: 'Denver', areaCodes: [303, 720] },
  { city: 'Salt Lake City', areaCodes: [801, 385] },
  { city: 'Albuquerque', areaCodes: [505] },
  { city: 'El Paso', areaCodes: [915] },
  { city: 'Phoenix', areaCodes: [602, 480, 623] },
  { city: 'Boise', areaCodes: [208] },
  { city: 'Los Angeles', areaCodes: [213, 310, 323] },
  { city: 'San Francisco', areaCodes: [415, 628] },
  { city: 'San Jose', areaCodes: [408, 669] },
  { city: 'San Diego', areaCodes: [619, 858] },
  { city: 'Sacramento', areaCodes: [916] },
  { city: 'Las Vegas', areaCodes: [702, 725] },
  { city: 'Portland', areaCodes: [503, 971] },
  { city: 'Seattle', areaCodes: [206] },
  { city: 'Anchorage', areaCodes: [907] },
  { city: 'Honolulu', areaCodes: [808] },
]

function words(text: string): string[] {
  return text.trim().split(/\s+/)
}
