export { checkEnv, type CheckEnvParts, type EnvFinding } from './check-env.ts'
export { diffEnv, type EnvDifference } from './diff-env.ts'
export { renderEnvExample, syncEnvExample } from './env-example.ts'
export { parseDotenv } from './parse-dotenv.ts'
export { readEnvironment, type ReadEnvironmentOptions } from './read-environment.ts'
export {
  examineSettings,
  overrideSettings,
  readAllSettings,
  readSettings,
  type SettingsMap,
  type SettingsOverride,
  type SettingsSource,
} from './read-settings.ts'
export { openSettings, sealedSettingsFile, sealSettings } from './sealed-settings.ts'
export { askSecretSources } from './secret-source.ts'
export { describeFault, type SettingFault } from './setting-fault.ts'
