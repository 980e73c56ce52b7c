// Generated from proto/ by tools/protos.sh. Do not edit.
#pragma once
#include "assay_arena.h"
#include "assay/agent/v1/proposal.pb-c.h"
#include "assay/conformance/v1/conformance_service.pb-c.h"
#include "assay/evaluator/v1/evaluator_service.pb-c.h"
#include "assay/lineage/v1/lineage_service.pb-c.h"
#include "assay/lineage/v1/record.pb-c.h"
#include "assay/rpc/v1/envelope.pb-c.h"
#include "assay/rpc/v1/options.pb-c.h"
#include "assay/rpc/v1/server_service.pb-c.h"
#include "assay/rpc/v1/session_service.pb-c.h"
#include "assay/runner/v1/job_service.pb-c.h"
