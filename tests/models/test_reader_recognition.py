"""An export is told by its marks, and that of another console is called by its name."""

import pytest

from agent.models.form import ModelError
from agent.models.recognition import recognised
from tests.models.support import CLOUDS, exported, read


@pytest.mark.parametrize("asked", CLOUDS)
@pytest.mark.parametrize("given", CLOUDS)
def test_the_export_of_another_console_is_called_by_its_name(asked, given):
    if asked == given:
        assert read(asked, exported(given)).cloud == asked
        return
    with pytest.raises(ModelError) as caught:
        read(asked, exported(given))
    assert f"of {given}, not the" in str(caught.value)
    assert f"polycloud model diff {given} FILE" in str(caught.value)


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_file_with_properties_alone_is_told_by_its_types_and_keys(cloud):
    assert recognised({"properties": exported(cloud)["properties"]}) == cloud


@pytest.mark.parametrize(
    ("data_type", "cloud"),
    [
        ({"type": "bool", "specs": {"0": "a", "1": "b"}}, "aliyun"),
        ({"type": "bool", "specs": {"true": "a", "false": "b"}}, "onenet"),
        ({"type": "float", "specs": {"unit": "V", "unitName": "V"}}, "aliyun"),
        ({"type": "int64"}, "onenet"),
        ({"type": "enum", "specs": {"0": "a"}}, None),
        ({"type": "float", "specs": {"unit": "V"}}, None),
    ],
)
def test_one_property_tells_the_console_by_its_type(data_type, cloud):
    assert recognised({"properties": [{"identifier": "x", "dataType": data_type}]}) == cloud


@pytest.mark.parametrize("document", [None, [], {}, {"properties": [1]}, {"properties": {}}])
def test_what_has_no_mark_is_nobodys(document):
    assert recognised(document) is None
    assert recognised({"properties": [{"id": 1, "identifier": 2, "define": 0}]}) is None
