// Package xmltest makes the documents that tests and benchmarks of the XML
// packages work on.
package xmltest

import (
	"fmt"
	"strings"
)

// Answer is an unsigned envelope of about that many bytes in the form in which
// ГБД ФЛ answers through the channel: persons with documents and addresses,
// written over several lines. The people are synthetic: the months of their
// IINs are shifted by 40.
func Answer(size int) string {
	var b strings.Builder
	b.WriteString(open)
	for i := 0; b.Len()+len(closing) < size; i++ {
		switch i % 3 {
		case 0:
			if i > 0 {
				b.WriteString("</person>\n")
			}
			fmt.Fprintf(&b, person, iin(i), i)
		case 1:
			fmt.Fprintf(&b, document, i, i%28+1)
		case 2:
			fmt.Fprintf(&b, address, i, i)
		}
	}
	if b.Len() == len(open) {
		fmt.Fprintf(&b, person, iin(0), 0)
	}
	b.WriteString(closing)
	return b.String()
}

// iin makes a synthetic number with a right check digit: born on 15 March
// 1990, the month written as 43.
func iin(i int) string {
	for ; ; i++ {
		stem := fmt.Sprintf("9043153%04d", i%10_000)
		for shift := range 2 {
			sum := 0
			for j := range stem {
				weight := (j+2*shift)%11 + 1
				sum += int(stem[j]-'0') * weight
			}
			if sum%11 < 10 {
				return fmt.Sprintf("%s%d", stem, sum%11)
			}
		}
	}
}

const (
	open = `<?xml version="1.0" encoding="UTF-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">
<soap:Body>
<ns:SendMessageResponse xmlns:ns="http://bip.bee.kz/SyncChannel/v10/Types" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<response xmlns="">
<responseInfo>
<messageId>6f0c2c1e-4d1b-4c1e-9a00-000000000011</messageId>
<correlationId>c0a8f7d2-51f4-4a7e-8b00-000000000011</correlationId>
<status><code>SCSS001</code><message>Message has been processed successfully</message></status>
</responseInfo>
<responseData>
<data>
<cs:Response xmlns:cs="http://message.persistence.interactive.nat">
<messageResult><code>00000</code><nameRu>Сообщение успешно обработано</nameRu><nameKz>Хабарлама сәтті өңделді</nameKz></messageResult>
<persons>
`
	person = `<person>
<iin>%s</iin>
<surname>СЫНАҚОВА</surname>
<name>АЙГҮЛ</name>
<patronymic>ТЕСТҚЫЗЫ</patronymic>
<birthDate>1990-03-15</birthDate>
<gender><code>2</code><nameRu>Женский</nameRu><nameKz>Әйел</nameKz><changeDate>2013-02-14T00:00:00.000+06:00</changeDate></gender>
<nationality><code>005</code><nameRu>Казашка</nameRu><nameKz>Қазақ</nameKz><changeDate>2013-02-14T00:00:00.000+06:00</changeDate></nationality>
<citizenship><code>398</code><nameRu>Казахстан</nameRu><nameKz>Қазақстан</nameKz><changeDate>2013-02-14T00:00:00.000+06:00</changeDate></citizenship>
<lifeStatus><code>0</code><nameRu>Нормальный</nameRu><nameKz>Қалыпты</nameKz><changeDate>2013-02-14T00:00:00.000+06:00</changeDate></lifeStatus>
<removed xsi:nil="true"/>
<note>запись № %d &amp; приложение</note>
`
	document = `<document>
<type><code>002</code><nameRu>Удостоверение личности</nameRu><nameKz>Жеке куәлік</nameKz><changeDate>2013-02-14T00:00:00.000+06:00</changeDate></type>
<number>99%07d</number>
<beginDate>2019-06-%02d</beginDate>
<endDate>2029-06-01</endDate>
<issueOrganization><code>001</code><nameRu>Министерство внутренних дел Республики Казахстан</nameRu><nameKz>Қазақстан Республикасының Ішкі істер министрлігі</nameKz></issueOrganization>
<status><code>00</code><nameRu>Документ действителен</nameRu><nameKz>Құжат жарамды</nameKz><changeDate>2019-06-01T00:00:00.000+06:00</changeDate></status>
</document>
`
	address = `<regAddress>
<country><code>398</code><nameRu>Казахстан</nameRu><nameKz>Қазақстан</nameKz></country>
<district><code>1971</code><nameRu>Город Астана</nameRu><nameKz>Астана қаласы</nameKz></district>
<region><code>1971201</code><nameRu>Район Есиль города Астаны</nameRu><nameKz>Астана қаласының Есіл ауданы</nameKz></region>
<city>АСТАНА</city>
<street>КӨШЕСІ СЫНАҚ ТӨЛЕУ АТЫНДАҒЫ</street>
<building>%d</building>
<beginDate>2010-08-19</beginDate>
<arCode>99000000%08d</arCode>
</regAddress>
`
	closing = `</person>
</persons>
</cs:Response>
</data>
</responseData>
</response>
</ns:SendMessageResponse>
</soap:Body>
</soap:Envelope>
`
)
