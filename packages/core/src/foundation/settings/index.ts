export { parseDotenv, readDotenvFiles } from './dotenv.ts'
export { checkEnv, diffEnv, renderEnvExample, syncEnvExample, type EnvFinding } from './env-example.ts'
export { describeFault, examineSettings, readSettings, type SettingFault, type SettingsSource } from './read-settings.ts'
