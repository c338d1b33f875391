"""What a person fills in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.kernel import clocks
from diguan.kernel.access.models import Person, Unit
from diguan.kernel.forms import day_field, file_field, proof_of
from diguan.ties.actions.people import Agreed
from diguan.ties.actions.ties import FirmName
from diguan.ties.models import Basis, How, PersonKind, Purpose, TieKind
from diguan.ties.queries import people

WORDS = gettext_lazy("联系走访、请本人引荐企业、邀请返乡；不转给别人")




class PersonForm(forms.Form):
    """Somebody as the page asks for them; ``version`` is the state that was seen. The number that is kept is never shown."""

    name = forms.CharField(label=gettext_lazy("姓名"), max_length=60)
    kind = forms.ChoiceField(label=gettext_lazy("类别"), choices=PersonKind.choices)
    town: forms.ModelChoiceField[Unit] = forms.ModelChoiceField(label=gettext_lazy("籍贯乡镇"), queryset=Unit.objects.none(), required=False, empty_label=gettext_lazy("不清楚"))
    region = forms.CharField(label=gettext_lazy("现居地"), max_length=40, required=False, help_text=gettext_lazy("行政区划名称或代码，如 深圳市、440300"))
    city = forms.CharField(label=gettext_lazy("城市"), max_length=40, required=False, help_text=gettext_lazy("平时怎么说就怎么写，如 深圳龙华"))
    employer = forms.CharField(label=gettext_lazy("工作单位"), max_length=100, required=False)
    employer_uscc = forms.CharField(label=gettext_lazy("单位信用代码"), max_length=18, required=False)
    position = forms.CharField(label=gettext_lazy("职务"), max_length=60, required=False)
    skills = forms.CharField(label=gettext_lazy("专长"), max_length=200, required=False)
    phone = forms.CharField(label=gettext_lazy("电话"), max_length=30, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["town"].queryset = towns = people.towns(person)  # type: ignore[attr-defined]
        if kwargs.get("initial", {}).get("phone_kept"):
            self.fields["phone"].help_text = _("已有号码，不显示；空着就不改")
        elif len(only := list(towns[:2])) == 1:
            self.fields["town"].initial = only[0]


class ConsentForm(forms.Form):
    """A consent, with the file that proves it."""

    purposes = forms.MultipleChoiceField(label=gettext_lazy("本人同意用于"), choices=Purpose.choices, widget=forms.CheckboxSelectMultiple)
    words = forms.CharField(label=gettext_lazy("同意书上的用途"), max_length=200, initial=WORDS, widget=forms.Textarea(attrs={"rows": 2}))
    given_on = day_field(gettext_lazy("同意日期"), initial=clocks.today)
    expires_on = day_field(gettext_lazy("同意到哪天"), help_text=gettext_lazy("过了这天，谁也看不到这个人，引荐路径里也没有"))
    how = forms.ChoiceField(label=gettext_lazy("同意方式"), choices=How.choices)
    proof = file_field(gettext_lazy("同意凭证"))

    def clean_proof(self) -> tuple[str, bytes] | None:
        """The file as the action takes it."""
        return proof_of(self.cleaned_data["proof"])

    @property
    def agreed(self) -> Agreed:
        """The consent as the action takes it."""
        data = self.cleaned_data
        return Agreed(frozenset(map(Purpose, data["purposes"])), data["words"], data["given_on"], data["expires_on"], data["how"], data["proof"])


class NewPersonForm(ConsentForm, PersonForm):
    """Somebody and their consent: one is not kept without the other."""

    again = forms.BooleanField(label=gettext_lazy("是另一个人（同名、同乡镇、同城市）"), required=False)
    field_order = (*PersonForm.base_fields, "again", *ConsentForm.base_fields)


class RenewForm(ConsentForm):
    """Another consent; the name where the last one is over."""

    name = forms.CharField(label=gettext_lazy("新同意书上的姓名"), max_length=60, required=False)
    field_order = ("name", *ConsentForm.base_fields)

    def __init__(self, *args: Any, over: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if over:
            self.fields["name"].required = True
            self.fields["name"].help_text = _("同意已到期，不显示原来的姓名；写对了才能续")
        else:
            del self.fields["name"]


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=gettext_lazy("原因"), max_length=200)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)


class ChamberForm(forms.Form):
    """A chamber; the number that is kept is never shown."""

    name = forms.CharField(label=gettext_lazy("商会名称"), max_length=100)
    region = forms.CharField(label=gettext_lazy("所在地"), max_length=40, help_text=gettext_lazy("行政区划名称或代码，如 深圳市、440300"))
    city = forms.CharField(label=gettext_lazy("城市"), max_length=40, required=False)
    founded = day_field(gettext_lazy("成立日期"), required=False)
    members = forms.IntegerField(label=gettext_lazy("会员数"), required=False, min_value=1, help_text=gettext_lazy("来源说的数；不知道就空着"))
    contact_name = forms.CharField(label=gettext_lazy("联系人"), max_length=60, required=False)
    contact_phone = forms.CharField(label=gettext_lazy("联系电话"), max_length=30, required=False)
    source = forms.CharField(label=gettext_lazy("来源"), max_length=100, help_text=gettext_lazy("谁说的、凭什么，如：商会 2026 年会员名册"))
    source_date = day_field(gettext_lazy("来源日期"), initial=clocks.today)
    note = forms.CharField(label=gettext_lazy("说明"), max_length=300, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kwargs.get("initial", {}).get("phone_kept"):
            self.fields["contact_phone"].help_text = _("已有号码，不显示；空着就不改")


ME, FIRM, PERSON, CHAMBER = "me", "firm", "person", "chamber"
ENDS = ((PERSON, gettext_lazy("同乡")), (FIRM, gettext_lazy("企业")), (CHAMBER, gettext_lazy("商会")), (ME, gettext_lazy("我自己")))


class TieForm(forms.Form):
    """A tie: two ends as somebody names them, the relation, the source."""

    one_kind = forms.ChoiceField(label=gettext_lazy("从"), choices=ENDS)
    one = forms.CharField(label=gettext_lazy("是谁"), max_length=100, required=False, help_text=gettext_lazy("同乡写编号或姓名，商会和企业写全称；“我自己”不用写"))
    kind = forms.ChoiceField(label=gettext_lazy("关系"), choices=TieKind.choices)
    other_kind = forms.ChoiceField(label=gettext_lazy("到"), choices=ENDS, initial=FIRM)
    other = forms.CharField(label=gettext_lazy("是谁"), max_length=100, required=False)
    firm_uscc = forms.CharField(label=gettext_lazy("企业的信用代码（知道就写）"), max_length=18, required=False)
    source = forms.CharField(label=gettext_lazy("来源"), max_length=100, help_text=gettext_lazy("谁说的、凭什么，如：本人 10 月来电；企业公示的股东名册"))
    source_date = day_field(gettext_lazy("来源日期"), initial=clocks.today)
    proof = file_field(gettext_lazy("凭证（有就传）"), required=False)

    def clean_proof(self) -> tuple[str, bytes] | None:
        """The file as the action takes it."""
        return proof_of(self.cleaned_data["proof"])


class ReturnForm(forms.Form):
    """A returnee proof."""

    person = forms.CharField(label=gettext_lazy("同乡"), max_length=60, help_text=gettext_lazy("编号或姓名；本人要在册，同意在有效期内"))
    basis = forms.ChoiceField(label=gettext_lazy("依据"), choices=Basis.choices, help_text=gettext_lazy("出生地、户籍认定个人；同乡控股认定企业"))
    firm_name = forms.CharField(label=gettext_lazy("投资企业（按控股认定时写）"), max_length=100, required=False)
    firm_uscc = forms.CharField(label=gettext_lazy("企业的信用代码（知道就写）"), max_length=18, required=False)
    share = forms.DecimalField(label=gettext_lazy("持股比例（%，按控股认定时写）"), required=False, max_digits=5, decimal_places=2, min_value=0, max_value=100)
    document = forms.CharField(label=gettext_lazy("证明材料"), max_length=100, help_text=gettext_lazy("如 户口簿、股东名册；不写姓名和证件号"))
    proof = file_field(gettext_lazy("材料文件"))

    def clean_proof(self) -> tuple[str, bytes] | None:
        """The file as the action takes it."""
        return proof_of(self.cleaned_data["proof"])

    @property
    def firm(self) -> FirmName | None:
        """The firm as the action takes it."""
        name, code = self.cleaned_data["firm_name"], self.cleaned_data["firm_uscc"]
        return FirmName(name, code) if name.strip() or code.strip() else None

    @property
    def basis_points(self) -> int | None:
        """The share in basis points."""
        share = self.cleaned_data["share"]
        return None if share is None else int(share * 100)
