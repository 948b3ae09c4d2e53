"""Extracts of Fxiaoke (纷享销客): Chinese headers in GB18030 CSV and XLSX, API names in JSONL."""

from samples.demo.days import Days, known, latest, snapshots, versions
from samples.demo.extracts import GB18030, JSONL, XLSX, Extract
from samples.demo.write import Format

_SUFFIX = {"xlsx": ".xlsx", "jsonl": ".jsonl", "csv": ".csv"}


def extracts(days: Days, representatives: int, service: int) -> list[Extract]:
    """All but the orders, which come with :func:`order_extracts`; the team's size numbers its members."""
    people = f"cast(1001 + owner % {representatives} as varchar)"
    helpers = f"cast({1001 + representatives} + number % {service} as varchar)"
    return [
        _accounts(days),
        _contacts(days),
        _products(),
        _employees(),
        _leads(days, people),
        _opportunities(people),
        _visits(days),
        _activities(days, people),
        _cases(days, helpers),
    ]


def order_extracts(days: Days) -> list[Extract]:
    """Orders, lines and returns, over the tables ``orders`` and ``lines``."""
    return [_orders(days), _lines(days), _returns(days)]


def _extract(name: str, stem: str, form: Format, key: tuple[str, ...], query: str, **more: object) -> Extract:
    return Extract("fxiaoke", name, f"{stem}_{{day}}{_SUFFIX[form.kind]}", form, key, query, **more)  # type: ignore[arg-type]


def _accounts(days: Days) -> Extract:
    changed = "changed < cut(load)"
    events = ["created", "changed", "gone", "merged"]
    # The system has two ways to take an account out: deleting it, and voiding it.
    query = f"""
        select
            load,
            id as "客户ID",
            'KH' || lpad(cast(number + 1 as varchar), 7, '0') as "客户编号",
            name as "客户名称",
            case kind when 'store' then '零售门店' when 'distributor' then '经销商' else '个人客户' end as "业务类型",
            case when {changed} then level else level_before end as "客户级别",
            phone as "电话",
            email as "邮箱",
            openid as "微信OpenID",
            uscc as "统一社会信用代码",
            gender as "性别",
            birth_date as "出生日期",
            province as "省",
            city as "市",
            district as "区",
            address as "详细地址",
            channel as "客户来源",
            parent as "上级客户ID",
            referrer as "推荐客户ID",
            tags as "标签",
            cast(1001 + case when {changed} then owner else owner_before end as varchar) as "负责人ID",
            case when gone < cut(load) then '作废' else '正常' end as "生命状态",
            case when merged < cut(load) then merged_into end as "合并至客户ID",
            bj(created) as "创建时间",
            bj({latest(*events)}) as "最后修改时间",
            case when gone < cut(load) and number % 3 > 0 then '是' else '否' end as "是否删除"
        from {versions("(select * from record where source = 'fxiaoke')", events, days)}
    """
    return _extract("accounts", "客户", GB18030, ("客户ID",), query, deleted="\"生命状态\" = '作废'", drifts=True)


def _contacts(days: Days) -> Extract:
    query = f"""
        select
            load,
            '65f9e0b3c7d24a00' || lpad(cast(people.number + 1 as varchar), 8, '0') as "联系人ID",
            record.id as "客户ID",
            people.name as "姓名",
            people.job_title as "职务",
            people.mobile as "手机",
            people.email as "邮箱",
            people.openid as "微信OpenID",
            cast(1001 + record.owner_before as varchar) as "负责人ID",
            bj(people.created) as "创建时间",
            bj({latest("people.created", "people.gone")}) as "最后修改时间",
            case when people.gone < cut(load) then '是' else '否' end as "是否删除"
        from {versions("(select * from contact where system = 1)", ["created", "gone"], days)} as people
        inner join record on people.record = record.number
    """
    return _extract("contacts", "联系人", XLSX, ("联系人ID",), query, deleted="\"是否删除\" = '是'")


def _products() -> Extract:
    query = f"""
        select
            load,
            product_id as "产品编码",
            name as "产品名称",
            category_1 as "一级分类",
            category_2 as "二级分类",
            brand as "品牌",
            pack_size as "规格",
            cast(cost_fen as double) / 100 as "标准成本",
            launched_on as "上市日期"
        from {snapshots("product", "epoch(cast(launched_on as date))")}
    """
    return _extract("products", "产品", XLSX, ("产品编码",), query, is_snapshot=True)


def _employees() -> Extract:
    query = """
        select
            load,
            cast(1001 + number as varchar) as "员工编号",
            name as "姓名",
            team as "部门",
            role as "岗位",
            holding_limit as "客户保有量上限",
            hourly_cost as "小时成本",
            status as "状态"
        from employee cross join loads
    """
    return _extract("employees", "员工", XLSX, ("员工编号",), query, is_snapshot=True)


def _leads(days: Days, people: str) -> Extract:
    events = ["created", "first_contact", "converted", "closed", "gone"]
    query = f"""
        select
            load,
            id as _id,
            name,
            company,
            mobile,
            channel as source,
            cast(null as varchar) as marketing_event_id,
            [{people}] as owner,
            case
                when converted < cut(load) then 'transformed'
                when closed < cut(load) then 'closed'
                when first_contact < cut(load) then 'processed'
                when number % 3 = 0 then 'un_assigned'
                else 'un_processed'
            end as leads_status,
            cast(score as varchar) as score__c,
            ms({known("first_contact")}) as first_follow_time__c,
            ms({known("converted")}) as transform_time,
            case when converted < cut(load) then customer_id end as account_id,
            case when converted < cut(load) then opportunity_id end as new_opportunity_id,
            case when gone < cut(load) then 'invalid' else 'normal' end as life_status,
            ms(created) as create_time,
            ms({latest(*events)}) as last_modified_time,
            coalesce(gone < cut(load), false) as is_deleted
        from {versions("(select * from lead where source = 'fxiaoke')", events, days)}
    """
    return _extract("leads", "LeadsObj", JSONL, ("_id",), query, deleted="is_deleted")


def _opportunities(people: str) -> Extract:
    is_open = "(closed >= cut(load) or closed is null)"
    query = f"""
        select
            load,
            id as _id,
            pipeline || '-' || number as name,
            customer_id as account_id,
            lead_id as leads_id,
            [{people}] as owner,
            pipeline as sales_process_id,
            stage as sales_stage,
            case
                when {is_open} then 'in_progress'
                when is_won then 'won'
                else 'lost'
            end as sales_status,
            amount || '.00' as amount,
            cast(case when {is_open} then probability when is_won then 100 else 0 end as varchar) as probability,
            ms(expected) as close_date,
            ms(greatest(entered, {known("closed")})) as stg_changed_time,
            ms({known("quoted")}) as quote_time__c,
            ms({known("closed")}) as actual_close_time__c,
            case when closed < cut(load) and not is_won then reason end as lost_reason,
            'normal' as life_status,
            ms(created) as create_time,
            ms(greatest(entered, {known("closed")})) as last_modified_time
        from {opportunity_snapshots("fxiaoke")}
    """
    return _extract("opportunities", "NewOpportunityObj", JSONL, ("_id",), query, is_snapshot=True)


def opportunity_snapshots(source: str) -> str:
    """A relation: opportunity and load, with the stage in force."""
    return f"""(
        select opportunity.*, load, stages.stage, stages.probability, stages.entered
        from (
            select
                number,
                load,
                max(entered) as entered,
                arg_max(stage, entered) as stage,
                arg_max(probability, entered) as probability
            from {snapshots(f"(select * from opportunity_stage where source = '{source}')", "entered")}
            group by number, load
        ) as stages
        inner join opportunity on stages.number = opportunity.number and opportunity.source = '{source}'
    )"""


def _visits(days: Days) -> Extract:
    query = f"""
        select
            load,
            '66c3a8e1f5b70d00' || lpad(cast(visit.number + 1 as varchar), 8, '0') as _id,
            record.id as account_id,
            [cast(1001 + case when visit.created >= changed then owner else owner_before end as varchar)] as owner,
            ms(planned) as plan_time,
            ms({known("checkin")}) as checkin_time,
            ms({known("checkout")}) as checkout_time,
            (['拜访', '关怀', '服务', '促销'])[purpose + 1] as purpose__c,
            case when checkin < cut(load) then cost || '.00' end as cost__c,
            'normal' as life_status,
            ms(visit.created) as create_time,
            ms({latest("visit.created", "checkin", "checkout")}) as last_modified_time,
            false as is_deleted
        from {versions("(select * from visits where system = 1)", ["created", "checkin", "checkout"], days)} as visit
        inner join record on visit.record = record.number
    """
    return _extract("visits", "CheckinsObj", JSONL, ("_id",), query, deleted="is_deleted")


def _activities(days: Days, people: str) -> Extract:
    owner = "case when activity.moment >= record.changed then record.owner else record.owner_before end"
    query = f"""
        select
            load,
            '66d4b9f2a6c81e00' || lpad(cast(activity.number + 1 as varchar), 8, '0') as _id,
            case when activity.lead is null then 'AccountObj' else 'LeadsObj' end as related_object,
            coalesce(record.id, lead.id) as related_object_id,
            [coalesce(
                cast(1001 + {owner} as varchar),
                {people.replace("owner", "lead.owner")}
            )] as owner,
            (['call', 'message', 'email', 'wechat', 'meeting'])[activity.type + 1] as record_type,
            case when is_in then 'in' else 'out' end as direction__c,
            (['跟进', '关怀', '生日', '服务', '促销'])[purpose + 1] as purpose__c,
            ms(activity.moment) as record_time,
            ms({known("replied")}) as reply_time__c,
            cast(minutes as varchar) as duration__c,
            cast(null as varchar) as marketing_event_id,
            ms(activity.moment) as create_time,
            ms({latest("activity.moment", "replied")}) as last_modified_time,
            false as is_deleted
        from {versions("(select * from activities where system = 1)", ["moment", "replied"], days)} as activity
        left join record on activity.record = record.number
        left join lead on activity.lead = lead.number and lead.source = 'fxiaoke'
    """
    return _extract("activities", "ActiveRecordObj", JSONL, ("_id",), query, deleted="is_deleted")


def _cases(days: Days, helpers: str) -> Extract:
    query = f"""
        select
            load,
            '66e5c0a3b7d92f00' || lpad(cast(cases.number + 1 as varchar), 8, '0') as _id,
            record.id as account_id,
            [{helpers.replace("number", "cases.number")}] as owner,
            (['投诉', '咨询', '退货', '配送'])[cases.type + 1] as case_type,
            cases.topic as topic__c,
            ms(opened) as create_time,
            ms({known("replied")}) as first_response_time,
            ms({known("closed")}) as close_time,
            case when closed < cut(load) then 'closed' when replied < cut(load) then 'processing' else 'open' end
                as status,
            ms({latest("opened", "replied", "closed")}) as last_modified_time,
            false as is_deleted
        from {versions("(select * from cases where system = 1)", ["opened", "replied", "closed"], days)} as cases
        inner join record on cases.record = record.number
    """
    return _extract("cases", "CasesObj", JSONL, ("_id",), query, deleted="is_deleted")


_ORDER_ID = "order_id(1, number, moment)"
_WRONG = "corrected >= cut(load)"


def _orders(days: Days) -> Extract:
    events = ["moment", "shipped", "delivered", "cancelled", "corrected", "deleted"]
    gross, net = (f"case when {_WRONG} then wrong_{amount} else {amount} end" for amount in ("gross", "net"))
    query = f"""
        select
            load,
            {_ORDER_ID} as "销售订单编号",
            customer_id as "客户ID",
            bj(moment) as "下单时间",
            channel as "订单渠道",
            payment as "付款方式",
            case
                when cancelled < cut(load) then '已取消'
                when delivered < cut(load) then '已收货'
                when shipped < cut(load) then '已发货'
                else '已确认'
            end as "订单状态",
            '¥' || format('{{:,.2f}}', ({gross}) / 100) as "订单总额",
            yuan(({gross}) - ({net})) as "整单折扣额",
            yuan((({net}) * 13 + 50) // 100) as "税额",
            yuan({net}) as "折后不含税金额",
            case when kind = 'store' then customer_id end as "门店编号",
            bj({known("shipped")}) as "发货时间",
            bj({known("delivered")}) as "收货时间",
            cast(1001 + owner as varchar) as "负责人ID",
            case when deleted < cut(load) then '作废' else '正常' end as "生命状态",
            bj(moment) as "创建时间",
            bj({latest(*events)}) as "最后修改时间",
            case when deleted < cut(load) and number % 2 = 0 then '是' else '否' end as "是否删除"
        from (
            select versions.*, record.owner_before as owner, record.kind
            from {versions("(select * from orders where system = 1)", events, days, late=True)} as versions
            inner join record on versions.record = record.number
        )
    """
    return _extract("orders", "销售订单", GB18030, ("销售订单编号",), query, deleted="\"生命状态\" = '作废'")


def _lines(days: Days) -> Extract:
    is_wrong = f"line_no = 1 and {_WRONG}"
    query = f"""
        select
            load,
            {_ORDER_ID} as "销售订单编号",
            cast(line_no as varchar) as "行号",
            product_id as "产品编码",
            cast(case when {is_wrong} then quantity * 10 else quantity end as varchar) as "数量",
            yuan(price) as "标准价",
            yuan(case when {is_wrong} then wrong_net else net end) as "折后不含税小计",
            yuan(case when {is_wrong} then cost * 10 else cost end) as "成本金额",
            bj({latest("moment", "corrected")}) as "最后修改时间"
        from {versions("(select * from lines where system = 1)", ["moment", "corrected"], days, late=True)}
    """
    return _extract("order_lines", "订单产品", GB18030, ("销售订单编号", "行号"), query)


def _returns(days: Days) -> Extract:
    query = f"""
        select
            load,
            'RT' || lpad(cast(number as varchar), 9, '0') as "退货单编号",
            cast(line_no as varchar) as "行号",
            {_ORDER_ID} as "销售订单编号",
            customer_id as "客户ID",
            product_id as "产品编码",
            returned_quantity as "退货数量",
            cast(returned_net as double) / 100 as "退货金额",
            (['质量问题', '临期', '错发', '滞销退回'])[number % 4 + 1] as "退货原因",
            bj(returned) as "退货时间",
            '正常' as "生命状态",
            bj(returned) as "最后修改时间",
            '否' as "是否删除"
        from {
        versions(
            "(select lines.*, customer_id from lines inner join orders on lines.number = orders.number "
            "where lines.system = 1 and returned_quantity > 0)",
            ["returned"],
            days,
            late=True,
        )
    }
    """
    return _extract("returns", "退货单", XLSX, ("退货单编号", "行号"), query, deleted="\"是否删除\" = '是'")
