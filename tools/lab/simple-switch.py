#!/usr/bin/python3
# Copyright (c) 2026 The ovs-span Authors.
# SPDX-License-Identifier: Apache-2.0
"""A learning switch as an SDN controller: an os-ken application.

  osken-manager simple-switch.py

Starts with an empty table, learns from packet-ins, floods what it does not
know and installs a flow for what it does.  What it saw goes to the file in
SIMPLE_SWITCH_LOG, one line each: "switch DPID", "port NUMBER NAME",
"packet-in PORT-NUMBER".
"""

import os

from os_ken.base import app_manager
from os_ken.controller import ofp_event
from os_ken.controller.handler import (CONFIG_DISPATCHER, MAIN_DISPATCHER,
                                       set_ev_cls)
from os_ken.ofproto import ofproto_v1_3


class SimpleSwitch(app_manager.OSKenApp):
    """Forwards by destination address, per switch."""

    OFP_VERSIONS = [ofproto_v1_3.OFP_VERSION]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.ports = {}         # (datapath id, address): port number

    @staticmethod
    def note(*words):
        """A line for the test to read."""
        with open(os.environ["SIMPLE_SWITCH_LOG"], "a",
                  encoding="ascii") as log:
            print(*words, file=log)

    @staticmethod
    def add_flow(datapath, priority, match, out_port, **more):
        """Installs one flow that outputs to one port."""
        parser = datapath.ofproto_parser
        actions = [parser.OFPActionOutput(out_port, 65535)]
        apply = parser.OFPInstructionActions(
            datapath.ofproto.OFPIT_APPLY_ACTIONS, actions)
        datapath.send_msg(parser.OFPFlowMod(
            datapath=datapath, priority=priority, match=match,
            instructions=[apply], **more))

    @set_ev_cls(ofp_event.EventOFPSwitchFeatures, CONFIG_DISPATCHER)
    def switch_comes(self, event):
        """A switch has connected: what it does not know comes to us."""
        datapath = event.msg.datapath
        self.note("switch", datapath.id)
        self.add_flow(datapath, 0, datapath.ofproto_parser.OFPMatch(),
                      datapath.ofproto.OFPP_CONTROLLER)

    @set_ev_cls(ofp_event.EventOFPPortStatus, MAIN_DISPATCHER)
    def port_changes(self, event):
        """A port has come, gone or changed."""
        port = event.msg.desc
        self.note("port", port.port_no, port.name.decode())

    @set_ev_cls(ofp_event.EventOFPPacketIn, MAIN_DISPATCHER)
    def packet_comes(self, event):
        """Learns the source, forwards to the destination or floods."""
        message = event.msg
        datapath = message.datapath
        parser = datapath.ofproto_parser
        in_port = message.match["in_port"]
        self.note("packet-in", in_port)
        dst, src = (message.data[0:6].hex(":"), message.data[6:12].hex(":"))
        self.ports[datapath.id, src] = in_port
        out_port = self.ports.get((datapath.id, dst),
                                  datapath.ofproto.OFPP_FLOOD)
        if out_port != datapath.ofproto.OFPP_FLOOD:
            self.add_flow(datapath, 1, parser.OFPMatch(
                in_port=in_port, eth_dst=dst, eth_src=src), out_port)
        datapath.send_msg(parser.OFPPacketOut(
            datapath=datapath, buffer_id=message.buffer_id, in_port=in_port,
            actions=[parser.OFPActionOutput(out_port)],
            data=message.data if message.buffer_id
            == datapath.ofproto.OFP_NO_BUFFER else None))
