import { startControls } from './controls.js'
import { startDecoder } from './decoder.js'
import { startDirectory } from './directory.js'
import { startHeader } from './header.js'
import { startOperationCall } from './operation-call.js'
import { startRecords } from './records.js'
import { startRequests } from './requests.js'

startHeader()
startDecoder()
const refreshDirectory = startDirectory()
const refreshRecords = startRecords()
const refreshControls = startControls(refresh)
startRequests(refresh)
void startOperationCall(() => {
  refresh()
  void refreshControls()
})

function refresh() {
  refreshDirectory()
  refreshRecords()
}
