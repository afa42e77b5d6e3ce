"""Makes `twistd classcord` known to Twisted."""

from twisted.application.service import ServiceMaker

classcord = ServiceMaker("ClassCord", "classcord.tap", "The chat server of a school", "classcord")
