import { startControls } from './controls.js'
import { startDecoder } from './decoder.js'
import { startDirectory } from './directory.js'
import { startHeader } from './header.js'
import { startRecords } from './records.js'
import { startRequests } from './requests.js'

startHeader()
startDecoder()
const refreshDirectory = startDirectory()
startRequests(refreshDirectory)
startControls(refreshDirectory)
startRecords()
