/** Makes and models on Europe's roads. */
export const makes: Readonly<Record<string, readonly string[]>> = {
  Audi: ['A3', 'A4', 'A6', 'Q3', 'Q5', 'e-tron'],
  BMW: ['118i', '320d', '330e', 'X1', 'X3', 'i4'],
  Fiat: ['500', 'Doblo', 'Panda', 'Tipo'],
  Hyundai: ['Ioniq 5', 'Kona', 'Tucson', 'i20', 'i30'],
  Kia: ['Ceed', 'EV6', 'Niro', 'Picanto', 'Sportage'],
  'Mercedes-Benz': ['A 180', 'C 220', 'E 300', 'EQA', 'GLA', 'GLC'],
  Peugeot: ['2008', '208', '3008', '308', 'e-208'],
  Renault: ['Captur', 'Clio', 'Kangoo', 'Megane', 'Zoe'],
  Skoda: ['Enyaq', 'Fabia', 'Kodiaq', 'Octavia', 'Superb'],
  Toyota: ['C-HR', 'Corolla', 'Prius', 'RAV4', 'Yaris'],
  Volkswagen: ['Golf', 'ID.3', 'ID.4', 'Passat', 'Polo', 'Tiguan'],
  Volvo: ['EX30', 'S60', 'V60', 'V90', 'XC40', 'XC60'],
}

/** Models that are electric whatever else there is. */
export const electric: ReadonlySet<string> = new Set(['e-208', 'e-tron', 'EQA', 'EV6', 'EX30', 'Enyaq', 'i4', 'ID.3', 'ID.4', 'Ioniq 5', 'Zoe'])
