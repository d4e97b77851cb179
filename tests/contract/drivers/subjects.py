"""The drivers that are built in, as subjects of the rules: each at a stand with its own fake."""

from functools import partial

from agent.conformance.drivers.subject import DriverSubject
from tests.contract.drivers import contacts

PATIENCE_S = 5.0

SUBJECTS = {
    each.title: each
    for each in (
        DriverSubject(title="relay gpiod", role="relay", stand=contacts.kernel_contact),
        DriverSubject(
            title="relay gpiod active low",
            role="relay",
            stand=partial(contacts.kernel_contact, active_high=False),
        ),
        DriverSubject(title="relay gpiozero", role="relay", stand=contacts.mock_contact),
        DriverSubject(title="relay simulated", role="relay", stand=contacts.file_contact),
    )
}
